package dev.llamapanama.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    @TempDir
    private Path folder;

    @Test
    void sameSeedSameText() {
        Cli first = generate("--prompt", "Once upon a time", "--max-tokens", "12", "--seed", "7", "--ignore-eos");
        Cli second = generate("--prompt", "Once upon a time", "--max-tokens", "12", "--seed", "7", "--ignore-eos");

        assertThat(first.code()).isZero();
        assertThat(first.out()).isNotBlank().isEqualTo(second.out());
        assertThat(first.err()).contains("generation: 12 tokens").contains("ended by: max tokens");
    }

    @Test
    void followsAGrammar() throws IOException {
        Path grammar = Files.writeString(folder.resolve("yes.gbnf"), "root ::= \"yes\" | \"no\"\n");

        Cli run = generate("--prompt", "x", "--max-tokens", "12", "--seed", "7", "--grammar-file", grammar.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out().strip()).isIn("yes", "no");
    }

    @Test
    void readsThePromptFromAFile() throws IOException {
        Path prompt = Files.writeString(folder.resolve("prompt.txt"), "Once upon a time");

        assertThat(generate("--prompt-file", prompt.toString(), "--max-tokens", "4")
                        .code())
                .isZero();
    }

    private static Cli generate(String... more) {
        String[] args = new String[more.length + 6];
        System.arraycopy(
                new String[] {"generate", "--model", TinyModel.file().toString(), "--threads", "1", "--context=256"},
                0,
                args,
                0,
                6);
        System.arraycopy(more, 0, args, 6, more.length);
        return Cli.run(args);
    }
}
