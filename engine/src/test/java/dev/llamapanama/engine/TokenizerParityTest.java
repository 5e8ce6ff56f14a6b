package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.engine.TokenizerVectors.Vector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens are those of llama.cpp's own test vectors, and those of {@code llama-tokenize}. */
@ExtendWith(NoLeaks.class)
class TokenizerParityTest {
    /** Beginning, control tokens, blanks at both ends, several scripts: what tokenizers differ in. */
    private static final List<String> SAMPLES = List.of(
            "Hello, world!",
            "  two blanks before and after  ",
            "<s>[INST] <|im_start|>user\nWhat is 3333333 + 1?<|im_end|></s><|endoftext|>",
            "\u4f60\u597d \u0411\u044a\u043b\u0433\u0430\u0440\u0441\u043a\u0438 \ud83d\udc69\u200d\ud83d\udcbb e\u0301 \u00e9\n\n\t\r\n'll 12.5%");

    @TempDir
    private Path scratch;

    static Stream<Arguments> vocabularies() throws IOException {
        Optional<Path> folder = TokenizerVectors.folder();
        assumeTrue(
                folder.isPresent(),
                "no folder with llama.cpp's ggml-vocab-*.gguf was found beside the native tools, in the "
                        + "sources of the last build, or in ../llama.cpp/models");
        return TokenizerVectors.vocabularies(folder.get()).stream()
                .map(file -> Arguments.argumentSet(file.getFileName().toString(), file));
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void tokensAreThoseOfTheTestVectors(Path file) throws IOException {
        try (Model model = load(file)) {
            for (Vector vector : TokenizerVectors.of(file)) {
                assertThat(model.vocabulary().tokenize(vector.text(), false, false))
                        .as("tokens of <%s>", vector.text())
                        .containsExactly(vector.tokens());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void tokensAreThoseOfTheTool(Path file) throws Exception {
        Path directory = Oracle.directory();
        assumeTrue(
                directory != null,
                "the native tools are not built (-Poracle), and LLAMAPANAMA_ORACLE does not name their folder");
        // one run for all samples, since most of the time is the load of the vocabulary
        String text = String.join("\n", SAMPLES);
        Path input = scratch.resolve("input.txt");
        Files.writeString(input, text);
        Path output = scratch.resolve("output.txt");
        Process process = new ProcessBuilder(
                        directory.resolve("llama-tokenize").toString(),
                        "--model",
                        file.toString(),
                        "--ids",
                        "--stdin",
                        "--no-escape",
                        "--log-disable")
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
        String ids = Files.readString(output, StandardCharsets.UTF_8);
        int[] expected = TokenizerVectors.numbers(ids.substring(ids.indexOf('[') + 1, ids.lastIndexOf(']')), ", ");
        try (Model model = load(file)) {
            // the tool adds what a text begins with, and reads control tokens
            Vocabulary vocabulary = model.vocabulary();
            assertThat(vocabulary.tokenize(text, vocabulary.addsBos(), true)).containsExactly(expected);
        }
    }

    private static Model load(Path file) {
        return Model.load(file, ModelOptions.builder().vocabularyOnly(true).build());
    }
}
