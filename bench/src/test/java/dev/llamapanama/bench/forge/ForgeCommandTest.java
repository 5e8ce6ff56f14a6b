package dev.llamapanama.bench.forge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.Cli;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesAModelOfTheShapeAskedFor() throws IOException {
        Path file = folder.resolve("model.gguf");

        Cli run = Cli.run("forge", "--layers", "1", "--weights", "q4_0", "--out", file.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out().strip()).isEqualTo(file.toString());
        GgufFile model = GgufFile.open(file);
        assertThat(model.architecture()).hasValue("qwen2");
        assertThat(model.tensor("blk.0.ffn_up.weight").orElseThrow().type()).isEqualTo(GgmlType.Q4_0);
        assertThat(model.tensor("blk.1.ffn_up.weight")).isEmpty();
    }

    @Test
    void helpNamesTheShapes() {
        assertThat(Cli.run("forge", "--help").out()).contains("qwen2.5-0.5b").contains("qwen3-30b-a3b");
    }

    @Test
    void refusesWhatItCannotDo() throws IOException {
        assertThat(Cli.run("forge", "--shape", "gpt-5").err())
                .startsWith("Invalid value for option '--shape'")
                .contains("qwen2.5-1.5b");
        assertThat(Cli.run("forge", "--layers", "0").code()).isEqualTo(2);
        Path missing = folder.resolve("missing/model.gguf");
        Cli run = Cli.run("forge", "--out", missing.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip())
                .hasLineCount(1)
                .contains(missing.getParent().toString());
        assertThat(Files.exists(missing.getParent())).isFalse();
    }
}
