package dev.llamapanama.engine;

import java.nio.file.Path;
import java.util.List;

/** A process that cuts long texts without blanks, as many pre-tokenizers do it, and prints the numbers of tokens. */
final class LongTextChild {
    private static final List<String> UNITS = List.of("a", "A1", "/", "\u4e2d", "\u00e9", " ", "\n", "a ", "7");

    private LongTextChild() {}

    /** Arguments: a model, code points in a text, and names of pre-tokenizers. */
    public static void main(String[] arguments) {
        int length = Integer.parseInt(arguments[1]);
        Backend.logHandler((_, _) -> {});
        for (String preTokenizer : List.of(arguments).subList(2, arguments.length)) {
            ModelOptions options = ModelOptions.builder()
                    .vocabularyOnly(true)
                    .metadataOverride("tokenizer.ggml.pre", preTokenizer)
                    .build();
            try (Model model = Model.load(Path.of(arguments[0]), options)) {
                for (String unit : UNITS) {
                    String text = unit.repeat(length / unit.length());
                    int tokens = model.vocabulary().tokenize(text, false, false).length;
                    if (tokens == 0 || tokens > 4 * length) {
                        throw new AssertionError(preTokenizer + " " + unit + ": " + tokens);
                    }
                }
                System.out.println(preTokenizer);
            }
        }
    }
}
