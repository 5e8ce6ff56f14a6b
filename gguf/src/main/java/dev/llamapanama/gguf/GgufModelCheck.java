package dev.llamapanama.gguf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Checks whether llama.cpp v0.5.0 can load a model without ending the process.
 *
 * <p>{@link GgufFile} proves that a file is well formed; but llama.cpp also asserts on, divides by and indexes with what
 * the metadata says, and a failed assertion there ends the JVM. Each check here stands for such a place, which its
 * {@link Problem#reason} names. What llama.cpp tolerates, or refuses by itself with a clear error, mostly passes: a model
 * without problems may still fail to load, with an exception, but one that loads is never refused.
 *
 * <p>Stateless, hence safe for use by many threads. Takes some tens of milliseconds, nearly all for the vocabulary.
 */
public final class GgufModelCheck {
    private GgufModelCheck() {}

    /**
     * One thing that is wrong with a model.
     *
     * @param subject the key or tensor
     * @param fault what is wrong with it
     * @param reason what llama.cpp would do, and where
     */
    public record Problem(String subject, String fault, String reason) {
        @Override
        public String toString() {
            return subject + ": " + fault + " (" + reason + ")";
        }
    }

    /**
     * All problems of a model; empty if there are none.
     *
     * @param parts the model's files in order, as {@link GgufParts#open} gives them; one for a model in one file
     * @throws java.io.UncheckedIOException if the vocabulary can no longer be read
     */
    public static List<Problem> problems(List<GgufFile> parts) {
        GgufFile first = parts.getFirst();
        Problems problems = new Problems();
        if (architecture(first, problems)) {
            new HyperparameterCheck(first, problems).check();
            new VocabularyCheck(first, problems).check();
            new TensorCheck(parts, problems).check();
        }
        return problems.list();
    }

    /** All problems of a file that is loaded for its vocabulary only ({@code vocab_only}); its tensors are not looked at. */
    public static List<Problem> vocabularyProblems(GgufFile file) {
        Problems problems = new Problems();
        if (architecture(file, problems)) {
            new VocabularyCheck(file, problems).check();
        }
        return problems.list();
    }

    /**
     * Does nothing if there are no problems.
     *
     * @throws GgufFormatException if there are; its message lists them
     */
    public static void require(List<GgufFile> parts) {
        refuse(parts.getFirst(), problems(parts));
    }

    /**
     * Does nothing if there are no problems with the vocabulary.
     *
     * @throws GgufFormatException if there are; its message lists them
     */
    public static void requireVocabulary(GgufFile file) {
        refuse(file, vocabularyProblems(file));
    }

    private static void refuse(GgufFile file, List<Problem> problems) {
        if (!problems.isEmpty()) {
            String list = problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
            throw new GgufFormatException(
                    file.path(),
                    -1,
                    "llama.cpp cannot load this model: " + list,
                    "Download or convert the model again; if it works elsewhere, report it with this message");
        }
    }

    private static boolean architecture(GgufFile file, Problems problems) {
        String key = "general.architecture";
        GgufValue value = file.metadata().get(key);
        if (value == null) {
            problems.add(key, "is missing", "llama_model_create: unknown model architecture");
        } else if (!(value instanceof GgufValue.Text text)) {
            problems.add(key, "is " + value.type() + ", not STRING", "get_key in llama-model-loader.cpp throws");
        } else if (text.value().equals("clip")) {
            problems.add(
                    key,
                    "is clip: a vision or audio encoder, no language model",
                    "llama_model_load throws; load it beside a language model (mmproj)");
        } else if (!Architectures.KNOWN.contains(text.value())) {
            problems.add(
                    key,
                    "is " + text.value() + ", which llama.cpp v0.5.0 does not know",
                    "llama_model_create: unknown model architecture");
        } else {
            return true;
        }
        return false;
    }
}
