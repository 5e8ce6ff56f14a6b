package dev.llamapanama.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class MainTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"throughput", "streams", "latency", "generate", "compare"})
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
                        "doctor",
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
                List.of("limits", "--threads", "0"),
                List.of("limits", "--threads", "x"),
                List.of("limits", "--duration", "0"),
                List.of("limits", "--duration", "61"),
                List.of("limits", "--duration", "NaN"),
                List.of("plan", "--cores", "0"),
                List.of("plan", "--ghz", "-1"),
                List.of("plan", "--channels", "0"),
                List.of("plan", "--memory-speed", "0"),
                List.of("plan", "--bandwidth", "0"),
                List.of("plan", "--attainable", "1.1"),
                List.of("plan", "--unit-bits", "128"),
                List.of("plan", "--unit-bits", "512", "--no-avx512"),
                List.of("plan", "--prompt", "0"),
                List.of("plan", "--shape", "gpt-5"),
                List.of("plan", "--weights", "Q3"),
                List.of("plan", "--model", "/no/such/model.gguf"),
                List.of("plan", "--model", "/proc/cpuinfo", "--shape", "llama-3-8b"),
                List.of("plan", "--from", "/no/such/file.json"),
                List.of("plan", "--from", "/proc/cpuinfo"),
                List.of("plan", "--from", "/proc/cpuinfo", "--published-only"),
                List.of("plan", "--published-only", "--format", "csv"),
                List.of("compare", "--bench-tool", "/bin/true", "--format", "html"),
                List.of("throughput", "--out", "/no/such/folder/results.json"),
                List.of("throughput", "--out", "/proc"),
                List.of("report", "--out", "/tmp/page.html"),
                List.of("report", "--in", "/proc/cpuinfo"),
                List.of("report", "--in", "/no/such/file", "--out", "/tmp/page.html"),
                List.of("report", "--in", "/proc/cpuinfo", "--out", "/no/such/folder/page.html"),
                List.of("report", "--history", "/no/such/folder", "--out", "/tmp/page.html"),
                List.of("history", "add", "--in", "/proc/cpuinfo"),
                List.of("history", "add", "--in", "/proc/cpuinfo", "--label", ""),
                List.of("history", "add", "--in", "/no/such/file", "--label", "x"),
                List.of("compare", "--bench-tool", "/proc"),
                List.of("compare", "--batched-bench-tool", "/no/such/tool", "--tests", "pp1+tg1x1"),
                List.of("compare", "--bench-tool", "/bin/true", "--tests", "pp1+tg1x1"),
                List.of("compare", "--bench-tool", "/bin/true", "--tests", "x"),
                List.of("compare", "--bench-tool", "/bin/true", "--repetitions", "0"),
                List.of("compare", "--bench-tool", "/bin/true", "--samples", "0"),
                List.of("compare", "--bench-tool", "/bin/true", "--threads", "0"),
                List.of("compare", "--bench-tool", "/bin/true", "--env", "NAME"),
                List.of("compare", "--bench-tool", "/bin/true", "--kv-type", "q8_0", "--flash-attention", "off"),
                List.of("compare", "--bench-tool", "/bin/true", "--out", "/no/such/folder/file"),
                List.of("compare", "--bench-tool", "/bin/true", "--model", "/proc/cpuinfo"),
                List.of(
                        "compare",
                        "--bench-tool",
                        "/bin/true",
                        "--model",
                        model,
                        "--tests",
                        "tg1@d99999999",
                        "--kv-type",
                        "f32"),
                List.of("compare", "--batched-bench-tool", "/bin/true", "--batch", "4", "--tests", "pp1+tg1x8"));
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

    @ParameterizedTest
    @CsvSource({
        "throughput, --depth, 999999999, 1000000511",
        "streams, --prompt, 59999872, 960000000",
        "latency, --prompt, 999999999, 1000000000"
    })
    void aContextThatDoesNotFitIsToldWithItsParts(String command, String option, String value, String tokens) {
        Cli run = Cli.run(command, "--model", TinyModel.file().toString(), "--kv-type", "f32", option, value);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "does not fit into memory",
                        "weights 0.0",
                        "keys and values of " + tokens + " tokens",
                        "GiB are available")
                .contains("--force");
    }

    @ParameterizedTest
    @CsvSource({
        "throughput, --depth, 999999999",
        "streams, --prompt, 59999872",
        "latency, --prompt, 999999999",
        "compare, --tests, tg1@d99999999",
        "startup, --context, 999999999",
        "variants, --tests, tg1@d99999999"
    })
    void theModelThatIsMeasuredWhenNoneIsNamedMustFitToo(String command, String option, String value)
            throws IOException {
        List<String> args = new ArrayList<>(List.of(command, "--quiet", option, value));
        switch (command) {
            case "compare" -> args.addAll(List.of("--bench-tool", "/bin/true"));
            case "startup" -> args.addAll(List.of("--completion-tool", "/bin/true"));
            case "variants" ->
                args.addAll(List.of(
                        "--file",
                        Files.writeString(folder.resolve("v.yaml"), "variants: [{name: a}]")
                                .toString()));
            default -> {}
        }

        Cli run = Cli.run(args.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).contains("does not fit into memory").doesNotContain("\n");
    }

    @Test
    void eachOptionSaysItsDefault() {
        List<CommandLine> commands =
                new ArrayList<>(Main.commandLine().getSubcommands().values());
        for (CommandLine command : List.copyOf(commands)) {
            commands.addAll(command.getSubcommands().values());
        }
        assertThat(commands).hasSizeGreaterThan(13);
        for (CommandLine command : commands) {
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (!option.usageHelp() && !option.versionHelp() && !option.required()) {
                    assertThat(String.join(" ", option.description()))
                            .as(command.getCommandName() + " " + option.longestName())
                            .containsIgnoringCase("default: ");
                }
            }
        }
    }

    @Test
    void eachCommandOffersTheFormatsThatItWrites() {
        Map<String, String> offered = new TreeMap<>();
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            OptionSpec format = command.getCommandSpec().findOption("--format");
            if (format == null) {
                continue;
            }
            offered.put(command.getCommandName(), format.paramLabel());
            List<String> formats = List.of(format.paramLabel().split("\\|"));
            for (String name : List.of("md", "json", "jsonl", "csv", "html", "xml")) {
                Cli run = Cli.run(command.getCommandName(), "--no-such-option", "--format", name);
                boolean known = run.err().contains("Unknown option: '--no-such-option'");
                assertThat(known)
                        .as(command.getCommandName() + " " + name + ": " + run.err())
                        .isEqualTo(formats.contains(name));
            }
            assertThat(formats).contains(format.defaultValue());
        }
        assertThat(offered)
                .isEqualTo(Map.ofEntries(
                        Map.entry("throughput", "md|json|jsonl|csv|html"),
                        Map.entry("streams", "md|json|jsonl|csv"),
                        Map.entry("requests", "md|json|jsonl|csv"),
                        Map.entry("lookup", "md|json|jsonl|csv"),
                        Map.entry("embeddings", "md|json|jsonl|csv"),
                        Map.entry("latency", "md|json|jsonl|csv"),
                        Map.entry("startup", "md|json|jsonl|csv"),
                        Map.entry("compare", "md|json|jsonl|csv"),
                        Map.entry("limits", "md|json|jsonl|csv"),
                        Map.entry("variants", "md|json|jsonl"),
                        Map.entry("plan", "md|json|jsonl")));
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

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("Q8_0").doesNotContain("\tat ");
    }
}
