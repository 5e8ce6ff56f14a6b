package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tokens of the texts that llama.cpp has beside its vocabularies ({@code models/ggml-vocab-*.gguf.inp} and {@code .out}), as
 * its own test-tokenizer-0 reads them.
 */
@ExtendWith(NoLeaks.class)
class VocabularyGoldenTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    @Test
    void tokensAreThoseOfLlamaCpp() throws IOException {
        List<Path> vocabularies;
        try (Stream<Path> files = Files.list(folder())) {
            vocabularies = files.filter(file -> file.toString().endsWith(".gguf") && Files.exists(beside(file, ".inp")))
                    .sorted()
                    .toList();
        }
        assertThat(vocabularies).hasSizeGreaterThan(5);
        for (Path file : vocabularies) {
            check(file);
        }
    }

    private static void check(Path file) throws IOException {
        String[] parts = Files.readString(beside(file, ".inp")).split(SEPARATOR, -1);
        int count =
                parts[parts.length - 1].isEmpty() ? parts.length - 1 : parts.length; // some files end in a separator
        List<String> texts = Arrays.asList(parts).subList(0, count);
        List<String> expected = Files.readAllLines(beside(file, ".out"));
        assertThat(expected).hasSameSizeAs(texts);
        ModelOptions options = ModelOptions.builder().vocabularyOnly(true).build();
        try (Model model = Model.load(file, options)) {
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                int[] tokens = model.vocabulary().tokenize(text, false, false);
                assertThat(tokens).as(file.getFileName() + ": " + text).isEqualTo(ids(expected.get(i)));
            }
        }
    }

    private static int[] ids(String line) {
        return Arrays.stream(line.strip().split("\\s+"))
                .filter(id -> !id.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static Path folder() {
        String source = System.getProperty("llamapanama.llama.cpp.dir", "");
        Path folder = (source.isEmpty() ? Path.of("..", "llama.cpp") : Path.of(source)).resolve("models");
        Assumptions.assumeTrue(
                Files.isDirectory(folder), folder + " is not there: the sources of llama.cpp came from elsewhere");
        return folder;
    }
}
