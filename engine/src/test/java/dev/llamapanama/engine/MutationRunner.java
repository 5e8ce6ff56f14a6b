package dev.llamapanama.engine;

import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.HeaderFields.Field;
import dev.llamapanama.engine.internal.OpenHandles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Uses damaged models, one after the other, and prints what came of each; a process of its own, because one may end it.
 *
 * <p>Arguments: an undamaged model, the first number, one past the last number, and whether to check files first as the
 * engine does. Lines on standard output: {@code BEGIN number what} and {@code END number outcome}.
 */
final class MutationRunner {
    static final String SUCCESS = "SUCCESS";
    static final String TYPED = "TYPED";
    static final String UNTYPED = "UNTYPED";
    static final String LEAK = "LEAK";

    private static final String PROMPT = "Hello, world: \u00fcber 123!";
    private static final int THREADS = 2;
    private static final int CONTEXT = 256;

    private MutationRunner() {}

    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]);
        boolean checked = Boolean.parseBoolean(arguments[3]);
        byte[] original = Files.readAllBytes(model);
        List<Field> fields = HeaderFields.of(original);
        int headerEnd = HeaderFields.end(original);
        Path damaged = Path.of("damaged.gguf");
        Backend.logHandler((_, _) -> {});
        Backend.load();
        for (int number = Integer.parseInt(arguments[1]); number < Integer.parseInt(arguments[2]); number++) {
            Mutation mutation = Mutation.of(original, fields, headerEnd, number);
            Files.write(damaged, mutation.bytes());
            System.out.println("BEGIN " + number + " " + line(mutation.what()));
            System.out.println("END " + number + " " + line(checked ? outcome(damaged) : uncheckedOutcome(damaged)));
        }
    }

    private static String line(String text) {
        return text.replace('\n', ' ');
    }

    private static String outcome(Path file) {
        String outcome;
        try {
            use(file);
            outcome = SUCCESS;
        } catch (LlamaException e) {
            outcome = TYPED + " " + e;
        } catch (IllegalArgumentException | IllegalStateException e) {
            // options and prompt that do not fit this model; but the exceptions of the engine say what and why
            outcome = (e.getClass().getName().startsWith("java.lang.") ? TYPED : UNTYPED) + " " + e;
        } catch (RuntimeException | Error e) {
            outcome = UNTYPED + " " + e + " at " + e.getStackTrace()[0];
        }
        List<String> open = OpenHandles.names();
        return open.isEmpty() ? outcome : LEAK + " " + open + " after " + outcome;
    }

    private static void use(Path file) {
        ContextOptions options =
                ContextOptions.builder().contextLength(CONTEXT).threads(THREADS).build();
        try (Model model = Model.load(file);
                Context context = model.newContext(options)) {
            Vocabulary vocabulary = model.vocabulary();
            int[] tokens = vocabulary.tokenize(PROMPT, true, true);
            vocabulary.detokenize(tokens, false, true);
            if (model.info().hasDecoder()) {
                decode(context, 0, tokens);
                if (context.sequence(0).maxPosition() >= 0) {
                    decode(context, tokens.length, tokens[0]);
                    context.saveState();
                }
            }
        }
    }

    private static void decode(Context context, int position, int... tokens) {
        context.batch().clear();
        for (int i = 0; i < tokens.length; i++) {
            context.batch().add(tokens[i], position + i, 0, true);
        }
        context.decode();
    }

    /** The same without the engine: what the shim's guard catches by itself. */
    private static String uncheckedOutcome(Path file) {
        try {
            String outcome = UncheckedModel.decode(file, THREADS);
            return outcome.equals("decoded") ? SUCCESS : TYPED + " " + outcome;
        } catch (NativeCallException e) {
            return TYPED + " " + e;
        }
    }
}
