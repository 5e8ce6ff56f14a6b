package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.internal.OpenHandles;
import dev.llamapanama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The list of bad inputs: each gets its exception, whose message says what is wrong and what would be right, and changes
 * nothing. The tests of each class go into more detail.
 */
@ExtendWith(NoLeaks.class)
class BadInputTest {
    private static final int CONTEXT = 256;

    @TempDir
    private Path folder;

    /** Where bad input goes: an open model with a context, and a folder. */
    record Place(Model model, Context context, Path folder) {}

    @FunctionalInterface
    interface Action {
        void accept(Place place) throws Exception;
    }

    static Stream<Arguments> badInputs() {
        return Stream.of(
                // files
                bad(
                        "missing file",
                        ModelLoadException.class,
                        place -> load(place.folder.resolve("none.gguf")),
                        "none.gguf does not exist",
                        "check the path"),
                bad(
                        "empty file",
                        ModelLoadException.class,
                        place -> load(write(place, new byte[0])),
                        "bad.gguf",
                        "no GGUF file",
                        "Check the path"),
                bad(
                        "truncated header",
                        ModelLoadException.class,
                        place -> load(write(place, beginning(1000))),
                        "bad.gguf",
                        "damaged or incomplete",
                        "download or convert it again"),
                bad(
                        "truncated data",
                        ModelLoadException.class,
                        place -> load(write(place, beginning(-1000))),
                        "bad.gguf",
                        "is not all there",
                        "repeat it"),
                bad(
                        "another format",
                        ModelLoadException.class,
                        place -> load(write(place, new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0})),
                        "bad.gguf",
                        "does not start with the letters GGUF",
                        "convert other formats"),
                bad(
                        "unknown architecture",
                        ModelLoadException.class,
                        place -> load(architecture(place, "perceptron")),
                        "bad.gguf",
                        "general.architecture",
                        "is perceptron",
                        "llama.cpp v0.5.0 does not know"),
                bad(
                        "part of another kind of model",
                        ModelLoadException.class,
                        place -> load(architecture(place, "clip")),
                        "bad.gguf",
                        "vision or audio encoder",
                        "load it beside a language model"),
                bad(
                        "a folder",
                        ModelLoadException.class,
                        place -> load(place.folder),
                        "is a directory",
                        "name the GGUF file"),
                bad(
                        "adapter that is a model",
                        AdapterException.class,
                        place -> place.model.loadAdapter(Models.llama()).close(),
                        "is no LoRA adapter",
                        "convert_lora_to_gguf.py"),
                bad(
                        "missing state",
                        StateException.class,
                        place -> place.context.restoreState(place.folder.resolve("none")),
                        "does not exist",
                        "check the path"),
                bad(
                        "state that is none",
                        StateException.class,
                        place -> place.context.restoreState(new byte[300]),
                        "cannot be restored"),
                // sizes
                bad(
                        "batch of 0",
                        IllegalArgumentException.class,
                        _ -> ContextOptions.builder().batchSize(0).build(),
                        "batchSize"),
                bad(
                        "context beyond all memory",
                        ContextCreationException.class,
                        place -> place.model
                                .newContext(ContextOptions.builder()
                                        .contextLength(1 << 30)
                                        .build())
                                .close(),
                        "GiB",
                        "choose a smaller contextLength"),
                bad(
                        "prompt longer than the context",
                        ContextOverflowException.class,
                        BadInputTest::tooLongAPrompt,
                        "the prompt has 257 tokens",
                        "raise ContextOptions.contextLength"),
                bad(
                        "more tokens than the context holds",
                        KvCacheFullException.class,
                        place -> Models.decode(place.context, 0, 3, Models.tokens(CONTEXT)),
                        "has no room",
                        "larger contextLength"),
                bad(
                        "more tokens than the batch holds",
                        IllegalStateException.class,
                        BadInputTest::tooManyForTheBatch,
                        "the batch is full",
                        "decode and clear it first"),
                // numbers
                bad(
                        "unknown token",
                        IllegalArgumentException.class,
                        place -> place.context.batch().add(512, 3, 0, true),
                        "token 512 is not in the vocabulary, 0 to 511"),
                bad(
                        "negative token",
                        IllegalArgumentException.class,
                        place -> place.model.vocabulary().bytes(-1, true),
                        "token -1 is not in the vocabulary, 0 to 511"),
                bad(
                        "negative position",
                        IllegalArgumentException.class,
                        place -> place.context.batch().add(5, -1, 0, true),
                        "position -1 is negative"),
                bad(
                        "gap between positions",
                        IllegalStateException.class,
                        place -> Models.decode(place.context, 0, 9, 5),
                        "starts at position 9",
                        "go on at 3"),
                bad(
                        "position that is taken",
                        IllegalStateException.class,
                        place -> Models.decode(place.context, 0, 0, 5),
                        "starts at position 0",
                        "remove what is in the way"),
                bad(
                        "unknown sequence",
                        IllegalArgumentException.class,
                        place -> place.context.sequence(1),
                        "sequence 1 is not in 0 to 0",
                        "maxSequences"),
                bad(
                        "unknown sequence in a batch",
                        IllegalArgumentException.class,
                        place -> place.context.batch().add(5, 0, -1, true),
                        "sequence -1 is not in 0 to 0",
                        "maxSequences"),
                bad(
                        "range that ends before it starts",
                        IllegalArgumentException.class,
                        place -> place.context.sequence(0).remove(2, 1),
                        "are no range",
                        "from <= to"),
                bad(
                        "nothing to decode",
                        IllegalStateException.class,
                        BadInputTest::emptyBatch,
                        "is empty",
                        "add tokens first"),
                bad(
                        "logits that were not asked for",
                        IllegalArgumentException.class,
                        place -> place.context.logits(0),
                        "output = true"),
                // text
                bad(
                        "half a surrogate pair",
                        TokenizationException.class,
                        place -> place.model.vocabulary().tokenize("a\uD800", true, true),
                        "half a surrogate pair (U+D800) at index 1"),
                bad(
                        "bytes that are no UTF-8",
                        TokenizationException.class,
                        place -> place.model.vocabulary().tokenize(new byte[] {'a', (byte) 0xC0}, true, true),
                        "not well-formed UTF-8 at index 1 (0xC0)"),
                bad("grammar that does not parse", GrammarException.class, _ -> Grammar.of("root ::= \"a"), "line 1"),
                bad("grammar without its root", GrammarException.class, _ -> Grammar.of("word ::= \"a\""), "root"),
                // calls
                bad(
                        "use after close",
                        IllegalStateException.class,
                        BadInputTest::useAfterClose,
                        "Context",
                        "is closed"),
                bad(
                        "closing a model in use",
                        IllegalStateException.class,
                        place -> place.model.close(),
                        "is used by Context",
                        "Close them first"),
                bad(
                        "two threads in one context",
                        IllegalStateException.class,
                        BadInputTest::twoThreads,
                        "thread 'first' is in ",
                        "one thread at a time"));
    }

    private static Arguments bad(String name, Class<? extends Exception> type, Action action, String... message) {
        return Arguments.argumentSet(name, type, action, message);
    }

    @ParameterizedTest
    @MethodSource("badInputs")
    void badInputIsRefusedAndChangesNothing(Class<? extends Exception> type, Action action, String[] message) {
        ContextOptions options = ContextOptions.builder()
                .contextLength(CONTEXT)
                .batchSize(CONTEXT)
                .threads(1)
                .build();
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(options)) {
            Models.decode(context, 0, 0, 5, 6, 7);
            List<String> open = OpenHandles.names();
            assertThatThrownBy(() -> action.accept(new Place(model, context, folder)))
                    .isExactlyInstanceOf(type)
                    .message()
                    .contains(message);
            assertThat(OpenHandles.names()).as("open objects").isEqualTo(open);
            assertThat(context.sequence(0).maxPosition()).isEqualTo(2);
            Models.decode(context, 0, 3, 8);
            assertThat(context.logits(0).get(0)).isFinite();
        }
    }

    @Test
    void closingTwiceIsNoError() {
        Model model = Model.load(Models.llama());
        Context context =
                model.newContext(ContextOptions.builder().contextLength(CONTEXT).build());
        for (AutoCloseable closeable : List.<AutoCloseable>of(context, context, model, model)) {
            assertThat(closeable).satisfies(AutoCloseable::close);
        }
    }

    private static void load(Path file) {
        Model.load(file).close();
    }

    private static Path write(Place place, byte[] bytes) throws IOException {
        return Files.write(place.folder.resolve("bad.gguf"), bytes);
    }

    /** The first bytes of a model, or all but the last ones. */
    private static byte[] beginning(int length) throws IOException {
        byte[] whole = Files.readAllBytes(Models.llama());
        return Arrays.copyOf(whole, length < 0 ? whole.length + length : length);
    }

    private static Path architecture(Place place, String name) throws IOException {
        Path file = place.folder.resolve("bad.gguf");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.putText("general.architecture", name);
            writer.commit();
        }
        return file;
    }

    private static void tooLongAPrompt(Place place) {
        ContextOptions options = ContextOptions.builder().contextLength(CONTEXT).build();
        try (TextGenerator generator = TextGenerator.create(place.model, options)) {
            generator.complete(
                    Models.tokens(CONTEXT + 1),
                    GenerationOptions.builder().maxTokens(1).build());
        }
    }

    private static void tooManyForTheBatch(Place place) {
        Batch batch = place.context.batch();
        batch.clear();
        for (int i = 0; i <= CONTEXT; i++) {
            batch.add(5, 3 + i, 0, false);
        }
    }

    private static void emptyBatch(Place place) {
        place.context.batch().clear();
        place.context.decode();
    }

    private static void useAfterClose(Place place) {
        Context context = place.model.newContext(
                ContextOptions.builder().contextLength(CONTEXT).build());
        context.close();
        context.decode();
    }

    /** A second thread comes while the first one is inside; held there by the guard's own means, so that nothing has to be slow. */
    private static void twoThreads(Place place) throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread first = Thread.ofPlatform().name("first").start(() -> {
            place.context.begin("decode");
            try {
                inside.countDown();
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                place.context.end();
            }
        });
        inside.await();
        try {
            place.context.decode();
        } finally {
            done.countDown();
            first.join();
        }
    }
}
