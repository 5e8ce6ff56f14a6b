package dev.llamapanama.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Whole runs on a tiny model. */
class LatencyCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aRowForEachPromptAndShareThatTheEngineReused() throws IOException {
        List<JsonNode> rows = rows(latency("--prompt", "40,8", "--loads", "0", "--repetitions", "3"));

        assertThat(rows)
                .extracting(
                        row -> row.get("measure").asText(),
                        row -> row.get("n_prompt").asInt(),
                        row -> row.get("n_cached").asInt(),
                        row -> row.get("n_decoded").asInt())
                .containsExactly(
                        tuple("TTFT", 40, 0, 40),
                        tuple("TTFT", 40, 10, 30),
                        tuple("TTFT", 40, 20, 20),
                        tuple("TTFT", 40, 30, 10),
                        tuple("TTFT", 40, 39, 1),
                        tuple("TTFT", 8, 0, 8),
                        tuple("TTFT", 8, 2, 6),
                        tuple("TTFT", 8, 4, 4),
                        tuple("TTFT", 8, 6, 2),
                        tuple("TTFT", 8, 7, 1));
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.get("machine").get("commit").asText()).isNotEmpty();
            assertThat(row.get("command").asText()).startsWith("llamapanama latency --quiet");
            List<Long> samples = new ArrayList<>();
            row.get("samples_ns").forEach(sample -> samples.add(sample.asLong()));
            assertThat(samples).hasSize(3).allMatch(sample -> sample > 0);
            assertThat(row.get("median_ns").asLong())
                    .isEqualTo(samples.stream().sorted().toList().get(1));
            assertThat(row.get("p95_ns").asLong())
                    .isEqualTo(samples.stream().sorted().toList().getLast());
        });
    }

    @Test
    void loadsAndFirstDecodes() throws IOException {
        List<JsonNode> rows = rows(latency("--prompt", "0", "--loads", "2"));

        assertThat(rows)
                .extracting(row -> row.get("measure").asText())
                .containsExactly("LOAD_WARM", "LOAD_COLD", "CONTEXT", "FIRST_DECODE", "LATER_DECODE");
        assertThat(rows.get(0).get("samples_ns")).hasSize(2);
        JsonNode cold = rows.get(1);
        if (cold.get("not_measured").isNull()) {
            assertThat(cold.get("samples_ns")).hasSize(2);
        } else { // some kernels and file systems keep the pages
            assertThat(cold.get("samples_ns")).isEmpty();
            assertThat(cold.get("not_measured").asText()).startsWith("not measured: ");
        }
        assertThat(rows.get(3).get("samples_ns")).hasSize(2);
        assertThat(rows.get(4).get("samples_ns")).hasSize(16);
    }

    @Test
    void tablesForPeople() {
        Cli run = Cli.run(arguments(
                "--prompt",
                "8",
                "--cached",
                "0,100",
                "--loads",
                "1",
                "--repetitions",
                "1",
                "--no-warmup",
                "--verbose"));

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("- machine: ", "llama.cpp ")
                .containsPattern("\\| +1 \\| load, warm page cache +\\| +[0-9.]+ \\| +[0-9.]+ \\|")
                .containsPattern("\\| +1 \\| first decode after a load +\\| +[0-9.]+ \\| +[0-9.]+ \\|")
                .containsPattern("\\| +1 \\| +8 \\| +0 \\| +8 \\| +[0-9.]+ \\|")
                .containsPattern("\\| +1 \\| +8 \\| +7 \\| +1 \\| +[0-9.]+ \\|");
    }

    @Test
    void writesCsv() throws IOException {
        Path file = folder.resolve("latency.csv");

        Cli run = Cli.run(arguments(
                "--prompt", "8", "--cached", "50", "--loads", "0", "--format", "csv", "--out", file.toString()));

        assertThat(run.code()).isZero();
        assertThat(file).content().startsWith("\"measure\",").hasLineCount(2);
    }

    @Test
    void evictedFilesAreGoneOrSaidToBeThere() throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("pages"), new byte[1 << 20]);
        try {
            PageCache.evict(List.of(file));
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?s).*(keeps|fincore|dd|sync).*");
        }
        assertThat(Files.readAllBytes(file)).hasSize(1 << 20); // it takes the pages only
    }

    @Test
    void theWarmUpCanBeLeftOut() {
        CommandLine command = new CommandLine(new LatencyCommand()).setCaseInsensitiveEnumValuesAllowed(true);

        assertThat(command.parseArgs().matchedOptionValue("--warmup", true)).isTrue();
        assertThat(command.parseArgs("--no-warmup").matchedOptionValue("--warmup", true))
                .isFalse();
    }

    static List<List<String>> wrongArguments() {
        return List.of(
                List.of("--model", "/no/such/model.gguf"),
                List.of("--prompt", "x"),
                List.of("--prompt", "0", "--loads", "0"),
                List.of("--cached", "101"),
                List.of("--cached", "-1"),
                List.of("--repetitions", "0"),
                List.of("--loads", "-1"),
                List.of("--threads", "0"),
                List.of("--batch", "0"),
                List.of("--ubatch", "0"),
                List.of("--kv-type", "q9"));
    }

    @ParameterizedTest
    @MethodSource
    void wrongArguments(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("latency"));
        command.addAll(arguments);

        Cli run = Cli.run(command.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).isNotEmpty().doesNotContain("\n").contains("--help");
    }

    private static Cli latency(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--format", "json"));
        arguments.addAll(List.of(more));
        return Cli.run(arguments(arguments.toArray(String[]::new)));
    }

    private static String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("latency", "--quiet", "--model", TinyModel.file().toString(), "--threads", "1"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static List<JsonNode> rows(Cli run) throws IOException {
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        List<JsonNode> rows = new ArrayList<>();
        new JsonMapper().readTree(run.out()).forEach(rows::add);
        return rows;
    }
}
