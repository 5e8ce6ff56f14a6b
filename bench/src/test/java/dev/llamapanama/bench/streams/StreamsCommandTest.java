package dev.llamapanama.bench.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on a tiny model. */
class StreamsCommandTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> MEASURED = Set.of("t_pp", "speed_pp", "t_tg", "speed_tg", "t", "speed");

    @TempDir
    private Path folder;

    @Test
    void measuresEveryCombination() throws IOException {
        List<StreamsResult> results =
                rows(streams("--streams", "1,3", "--prompt", "8,20", "--gen", "5,6", "--repetitions", "2"));

        assertThat(results)
                .extracting(StreamsResult::pp, StreamsResult::tg, StreamsResult::pl)
                .containsExactly(
                        tuple(8, 5, 1),
                        tuple(8, 5, 3),
                        tuple(8, 6, 1),
                        tuple(8, 6, 3),
                        tuple(20, 5, 1),
                        tuple(20, 5, 3),
                        tuple(20, 6, 1),
                        tuple(20, 6, 3));
        assertThat(results).allSatisfy(result -> {
            assertThat(result.isPpShared()).isZero();
            assertThat(result.nKv()).isEqualTo(result.pl() * (result.pp() + result.tg()));
            assertThat(result.nKvMax()).isGreaterThanOrEqualTo(3 * (20 + 6));
            checkMeasurements(result, result.pl() * result.pp(), 2);
        });
    }

    @Test
    void aSharedPromptCountsOnce() throws IOException {
        List<StreamsResult> results =
                rows(streams("--streams", "1,4", "--prompt", "20", "--gen", "5", "--shared-prompt"));

        assertThat(results).extracting(StreamsResult::nKv).containsExactly(25, 100);
        assertThat(results).allSatisfy(result -> {
            assertThat(result.isPpShared()).isEqualTo(1);
            checkMeasurements(result, 20, 3);
        });
    }

    private static void checkMeasurements(StreamsResult result, int promptTokens, int repetitions) {
        assertThat(result.samplesPpNs()).hasSize(repetitions).allMatch(ns -> ns > 0);
        assertThat(result.samplesTgNs()).hasSize(repetitions);
        assertThat(result.itlNs()).hasSize(repetitions * result.tg()).allMatch(ns -> ns > 0);
        double promptSpeeds = 0;
        double genSpeeds = 0;
        double promptSeconds = 0;
        for (int i = 0; i < repetitions; i++) {
            long steps = result.itlNs().subList(i * result.tg(), (i + 1) * result.tg()).stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(result.samplesTgNs().get(i)).isEqualTo(steps);
            genSpeeds += 1e9 * result.pl() * result.tg() / steps;
            promptSpeeds += 1e9 * promptTokens / result.samplesPpNs().get(i);
            promptSeconds += result.samplesPpNs().get(i) / 1e9;
        }
        assertThat(result.speedPp()).isCloseTo(promptSpeeds / repetitions, within(1e-6 * promptSpeeds));
        assertThat(result.speedTg()).isCloseTo(genSpeeds / repetitions, within(1e-6 * genSpeeds));
        assertThat(result.speedTgPerStream())
                .isCloseTo(result.speedTg() / result.pl(), within(1e-6 * result.speedTg()));
        assertThat(result.speedPpPerStream())
                .isCloseTo(result.speedPp() * result.pp() / promptTokens, within(1e-6 * result.speedPp()));
        assertThat(result.tPp()).isCloseTo(promptSeconds / repetitions, within(1e-9));
        assertThat(result.t()).isCloseTo(result.tPp() + result.tTg(), within(1e-9));
        assertThat(result.itlP50Ns()).isPositive().isLessThanOrEqualTo(result.itlP95Ns());
        assertThat(result.itlP99Ns()).isGreaterThanOrEqualTo(result.itlP95Ns());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasTheFieldsAndSettingsOfLlamaBatchedBench(boolean shared) throws IOException, InterruptedException {
        Path tool = Oracle.tool("llama-batched-bench");
        List<String> args = new ArrayList<>(List.of("--streams", "1,2,5", "--prompt", "8,33", "--gen", "4"));
        args.addAll(List.of("--batch", "16", "--ubatch", "8", "--repetitions", "2", "--flash-attention", "on"));
        if (shared) {
            args.add("--shared-prompt");
        }
        List<JsonNode> ours = lines(streams(args.toArray(String[]::new)).out());
        List<JsonNode> theirs = List.of();
        for (int attempt = 0; attempt < 3 && theirs.size() < ours.size(); attempt++) { // its log may lose the last line
            theirs = lines(batchedBench(tool, ours.getFirst().get("n_kv_max").asText(), shared));
        }

        assertThat(ours).hasSameSizeAs(theirs).hasSize(6);
        for (int i = 0; i < theirs.size(); i++) {
            compare(theirs.get(i), ours.get(i));
            StreamsResult parsed = StreamsResult.parse(theirs.get(i).toString());
            assertThat(parsed.speedTg()).isPositive();
            assertThat(parsed.itlNs()).isNull();
        }
    }

    private String batchedBench(Path tool, String contextLength, boolean shared)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(tool.toString(), "-m", model(), "-c", contextLength));
        command.addAll(List.of("-npp", "8,33", "-ntg", "4", "-npl", "1,2,5", "-b", "16", "-ub", "8", "-t", "2"));
        command.addAll(List.of("-fa", "on", "--output-format", "jsonl"));
        if (shared) {
            command.add("-pps");
        }
        Path errors = folder.resolve("errors.txt");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return output;
    }

    private static void compare(JsonNode theirs, JsonNode ours) {
        List<String> names = names(ours);
        List<String> theirNames = names(theirs);
        assertThat(names.subList(0, theirNames.size())).isEqualTo(theirNames);
        for (String name : theirNames) {
            assertThat(ours.get(name).getNodeType())
                    .as(name)
                    .isEqualTo(theirs.get(name).getNodeType());
            if (!MEASURED.contains(name)) {
                assertThat(ours.get(name)).as(name).isEqualTo(theirs.get(name));
            }
        }
    }

    @Test
    void jsonAndCsvHoldTheSameFields() throws IOException {
        List<JsonNode> jsonl =
                lines(streams("--streams", "2", "--prompt", "4", "--gen", "3").out());
        List<StreamsResult> json = JSON.readValue(
                streams("--streams", "1,2", "--prompt", "4", "--gen", "3", "--format", "json")
                        .out(),
                new TypeReference<>() {});
        String csv = streams("--streams", "1,2", "--prompt", "4", "--gen", "3", "--format", "csv")
                .out();

        assertThat(json).extracting(StreamsResult::pl).containsExactly(1, 2);
        checkMeasurements(json.getLast(), 8, 3);
        try (MappingIterator<Map<String, String>> read = new CsvMapper()
                .readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(csv)) {
            List<Map<String, String>> rows = read.readAll();
            assertThat(rows).extracting(row -> row.get("n_kv")).containsExactly("7", "14");
            List<String> names = names(jsonl.getFirst());
            names.removeLast(); // command
            names.removeLast(); // machine, whose fields have its name before theirs
            assertThat(rows.getFirst().keySet())
                    .containsAll(names)
                    .contains("machine_cpu", "machine_kernels", "command");
            assertThat(rows.getFirst().get("itl_ns").split(" ")).hasSize(9);
        }
    }

    @Test
    void printsTheMachineAndEachModelWithATable() throws IOException {
        Cli run = Cli.run(
                "streams",
                "--quiet",
                "--model",
                model() + "," + mamba(),
                "--threads",
                "1",
                "--streams",
                "1,2",
                "--prompt",
                "8",
                "--gen",
                "4",
                "--no-warmup");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("- machine: ", "- JVM: ", "Each stream has a prompt of its own.")
                .containsPattern("- model: .*tiny-llama.*\\n\\n\\| streams \\|")
                .containsPattern("- model: .*tiny-mamba.*\\n\\n\\| streams \\|")
                .containsPattern("\\| +2 \\| +8 \\| +4 \\| +24 \\| +[0-9.]+ ± [0-9.]+ \\| .*ms \\|");
    }

    @Test
    void writesAFile() throws IOException {
        Path file = folder.resolve("results.jsonl");

        Cli run = streams("--streams", "2", "--prompt", "4", "--gen", "3", "--out", file.toString());

        assertThat(run.out()).isEmpty();
        assertThat(StreamsResult.parse(Files.readString(file)).pl()).isEqualTo(2);
    }

    @Test
    void aRecurrentModelCannotShareAPromptAndSaysSo() throws IOException {
        String[] args = {"streams", "--quiet", "--model", mamba(), "--threads", "1", "--streams", "2"};

        assertThat(Cli.run(with(args, "--prompt", "4", "--gen", "3")).code()).isZero();
        Cli shared = Cli.run(with(args, "--prompt", "4", "--gen", "3", "--shared-prompt"));

        assertThat(shared.code()).isEqualTo(1);
        assertThat(shared.err().strip()).contains("recurrent").doesNotContain("\n");
    }

    static List<List<String>> wrongArguments() {
        return List.of(
                List.of("--streams", "0"),
                List.of("--streams", "1,257"),
                List.of("--streams", "x"),
                List.of("--prompt", "0,8"),
                List.of("--gen", "0"),
                List.of("--repetitions", "0"),
                List.of("--threads", "0"),
                List.of("--threads", "1000"),
                List.of("--batch", "0"),
                List.of("--batch", "4", "--streams", "8"),
                List.of("--ubatch", "0"),
                List.of("--kv-type", "q9"),
                List.of("--kv-type", "q8_0", "--flash-attention", "off"),
                List.of("--prompt", "999999999", "--streams", "2"),
                List.of("--prompt", "999999999", "--streams", "200"),
                List.of("--format", "xml"),
                List.of("--model", "/no/such/model.gguf"));
    }

    @ParameterizedTest
    @MethodSource
    void wrongArguments(List<String> args) {
        Cli run = Cli.run(with(new String[] {"streams"}, args.toArray(String[]::new)));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).isNotEmpty().doesNotContain("\n").contains("streams --help");
    }

    @Test
    void helpIsEnoughByItself() {
        Cli run = Cli.run("streams", "--help");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--model", "--streams", "--shared-prompt", "--threads", "jsonl");
    }

    private static Cli streams(String... args) {
        Cli run = Cli.run(with(
                new String[] {"streams", "--quiet", "--model", model(), "--threads", "2"},
                List.of(args).contains("--format") ? args : with(args, "--format", "jsonl")));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return run;
    }

    private static String[] with(String[] args, String... more) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static List<StreamsResult> rows(Cli run) throws IOException {
        List<StreamsResult> rows = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            rows.add(StreamsResult.parse(line));
        }
        return rows;
    }

    private static List<JsonNode> lines(String output) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : output.lines().filter(line -> line.startsWith("{")).toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String model() {
        return TinyModel.file().toString();
    }

    private static String mamba() throws IOException {
        return new ForgeCache(Path.of("target", "models"))
                .get(TinyModels.mamba())
                .toString();
    }
}
