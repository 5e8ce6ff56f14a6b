package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Texts without blanks, such as base64, for pre-tokenizers that llama.cpp leaves to std::regex: it needs stack for each
 * character, and 4,000 of them once ended the process.
 */
@ExtendWith(NoLeaks.class)
class LongTextTest {
    /** One of each set of regular expressions in {@code llm_tokenizer_bpe}, llama-vocab.cpp, and some with code of their own. */
    private static final List<String> PRE_TOKENIZERS = List.of(
            "afmoe",
            "bailingmoe",
            "default",
            "deepseek-coder",
            "deepseek-llm",
            "deepseek-v3",
            "exaone-moe",
            "falcon",
            "gpt-2",
            "gpt-4o",
            "granite-embed-multi-97m",
            "jais-2",
            "llama-bpe",
            "minicpm5",
            "qwen2",
            "seed-coder",
            "spark2_5",
            "superbpe",
            "tekken",
            "tiny_aya",
            "ufakzeka",
            "viking",
            "youtu");

    @TempDir
    private Path folder;

    @Test
    void longTextsWithoutBlanksAreCutByEachPreTokenizer() throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of(Models.llama().toAbsolutePath().toString(), "10000"));
        arguments.addAll(PRE_TOKENIZERS);
        Path output = folder.resolve("output.txt");
        Process process = ChildJvm.builder(folder, List.of("-Xss512k"), LongTextChild.class, arguments)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(output)).isEqualTo(PRE_TOKENIZERS);
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void tooLongATextWithoutBlanksIsRefused() {
        try (Model model = Model.load(Models.llama())) {
            String million = "a".repeat((1 << 20) + 1);
            assertThatExceptionOfType(TokenizationException.class)
                    .isThrownBy(() -> model.vocabulary().tokenize(million, false, false))
                    .withMessageContaining("1048577 characters without a blank")
                    .withMessageContaining("put blanks");
            assertThat(model.vocabulary().tokenize("word ".repeat(300_000), false, false))
                    .isNotEmpty();
        }
    }
}
