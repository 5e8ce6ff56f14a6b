package dev.llamapanama.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"throughput", "generate", "compare", "variants"})
    void helpIsEnoughByItself(String command) {
        Cli run = Cli.run(command, "--help");

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Usage: llamapanama " + command)
                .contains("--model")
                .contains("--threads");
    }

    @Test
    void helpOfCommandsWithoutThreadsOrModelIsEnoughToo() {
        assertThat(Cli.run("limits", "--help").out()).contains("--threads", "--duration");
        assertThat(Cli.run("plan", "--help").out())
                .contains("--cores", "--channels", "--[no-]avx512", "--shape", "--from");
    }

    @Test
    void helpNamesTheCommands() {
        assertThat(Cli.run("--help").out())
                .contains(
                        "throughput",
                        "streams",
                        "compare",
                        "limits",
                        "plan",
                        "report",
                        "history",
                        "jmh-report",
                        "generate",
                        "forge");
    }

    static List<List<String>> wrongArguments() {
        String model = TinyModel.file().toString();
        return List.of(
                List.of("nonsense"),
                List.of("throughput", "--nonsense"),
                List.of("throughput", "--prompt", "x"),
                List.of("throughput", "--prompt", "0", "--gen", "0"),
                List.of("throughput", "--prompt", "-1"),
                List.of("throughput", "--repetitions", "0"),
                List.of("throughput", "--batch", "0"),
                List.of("throughput", "--threads", "0"),
                List.of("throughput", "--threads", "100000"),
                List.of("throughput", "--kv-type", "q9"),
                List.of("throughput", "--kv-type", "q8_0", "--flash-attention", "off"),
                List.of("throughput", "--flash-attention", "maybe"),
                List.of("throughput", "--format", "xml"),
                List.of("throughput", "--out", "/no/such/folder/file"),
                List.of("throughput", "--out", "/proc"),
                List.of("throughput", "--model", "/no/such/model.gguf"),
                List.of("throughput", "--model", "/"),
                List.of("throughput", "--model", "/proc/cpuinfo"),
                List.of("throughput", "--model", model, "--prompt", "999999999", "--depth", "999999999"),
                List.of("throughput", "--model", model, "--kv-type", "f32", "--depth", "999999999"),
                List.of("generate", "--prompt", "x"),
                List.of("generate", "--model", "/no/such/model.gguf", "--prompt", "x"),
                List.of("generate", "--model", model),
                List.of("generate", "--model", model, "--prompt-file", "/no/such/prompt"),
                List.of("generate", "--model", model, "--prompt", "x", "--grammar-file", "/no/such/grammar"),
                List.of("generate", "--model", model, "--prompt", "x", "--grammar-file", model),
                List.of("generate", "--model", model, "--prompt", "x", "--temperature", "-1"),
                List.of("generate", "--model", model, "--prompt", "x", "--context", "1000000000"),
                List.of("compare", "--bench-tool", "/no/such/tool"),
                List.of("compare", "--bench-tool", "/bin/true", "--tests", "x"),
                List.of("throughput", "--load-mode", "nonsense"),
                List.of("variants", "--file", "/no/such/file"),
                List.of("variants", "--file", "variants.yaml", "--builds", "/no/such/folder"),
                List.of("variants", "--file", "variants.yaml", "--only", "nonsense"));
    }

    @ParameterizedTest
    @MethodSource
    void wrongArguments(List<String> args) {
        Cli run = Cli.run(args.toArray(String[]::new));

        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).isNotEmpty().doesNotContain("\n").contains("--help");
    }

    @Test
    void aFileThatIsNoModelIsAWrongArgument() throws IOException {
        Path file = Files.writeString(folder.resolve("not-a-model.gguf"), "hello");

        Cli run = Cli.run("throughput", "--quiet", "--model", file.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("not-a-model.gguf", "no GGUF file").doesNotContain("\tat ");
    }

    @Test
    void aContextThatDoesNotFitIsToldWithItsParts() {
        Cli run = Cli.run(
                "throughput", "--model", TinyModel.file().toString(), "--kv-type", "f32", "--depth", "999999999");

        assertThat(run.err())
                .contains(
                        "does not fit into memory",
                        "weights 0.0",
                        "keys and values of 1000000511 tokens",
                        "GiB are available")
                .contains("--force");
    }

    @Test
    void forceLetsItPass() {
        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--force",
                "--model",
                TinyModel.file().toString(),
                "--kv-type",
                "f32",
                "--depth",
                "999999999");

        assertThat(run.code()).isEqualTo(1); // the engine still refuses what cannot be allocated
        assertThat(run.err()).contains("GiB").doesNotContain("\tat ");
    }

    @Test
    void settingsThatTheModelCannotHaveFailInOneLine() {
        Cli run = Cli.run("throughput", "--quiet", "--model", TinyModel.file().toString(), "--kv-type", "q8_0");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("Q8_0").doesNotContain("\tat ");
    }
}
