package dev.llamapanama.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.statistics.Statistics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on a tiny model. */
class ThroughputCommandTest {
    private static final Set<String> MEASURED = Set.of(
            "build_commit",
            "build_number",
            "cpu_info",
            "test_time",
            "avg_ns",
            "stddev_ns",
            "avg_ts",
            "stddev_ts",
            "samples_ns",
            "samples_ts");

    @TempDir
    private Path folder;

    @Test
    void measuresEveryCombination() throws IOException {
        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--model",
                model(),
                "--threads",
                "1,2",
                "--prompt",
                "8,70",
                "--gen",
                "4",
                "--depth",
                "0,33",
                "--batch",
                "32",
                "--ubatch",
                "16",
                "--repetitions",
                "2",
                "--format",
                "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        List<BenchResult> results = Report.parseJson(run.out());
        assertThat(results)
                .extracting(BenchResult::nThreads, BenchResult::test)
                .containsExactlyElementsOf(expectedTests());
        assertThat(results).allSatisfy(result -> {
            assertThat(result.samplesNs()).hasSize(2).allMatch(ns -> ns > 0);
            assertThat(result.avgTs()).isPositive();
            assertThat(result.nBatch()).isEqualTo(32);
            assertThat(result.medianTs()).isEqualTo(Statistics.median(Statistics.doubles(result.samplesTs())));
            assertThat(result.machine().physicalCores()).isPositive();
            assertThat(result.command()).startsWith("llamapanama throughput --quiet --model ");
            assertThat(result.modelNParams()).isPositive();
            assertThat(result.ceiling()).isEqualTo(limit(result));
            assertThat(result.ceilingTs()).isPositive();
            assertThat(result.ceilingShare()).isEqualTo(result.avgTs() / result.ceilingTs());
        });
        assertThat(results).filteredOn(result -> result.nPrompt() > 0).allSatisfy(result -> {
            assertThat(result.ttftNs()).hasSize(2);
            assertThat(result.ttftNs().getFirst())
                    .isGreaterThan(result.samplesNs().getFirst());
        });
        assertThat(results)
                .filteredOn(result -> result.nPrompt() == 0)
                .allSatisfy(result -> assertThat(result.ttftNs()).isNull());
    }

    /** Eight tokens are computed at once, in a micro-batch of 16; seventy are not. */
    private static String limit(BenchResult result) {
        if (result.nGen() > 0) {
            return "memory read";
        }
        assertThat(result.roofline() != null).isEqualTo(result.nPrompt() == 8);
        return result.roofline() != null
                        && result.roofline().readTs() < result.roofline().multiplyTs()
                ? "memory read"
                : "f32 multiply";
    }

    private static List<Tuple> expectedTests() {
        List<Tuple> tests = new ArrayList<>();
        for (int threads : new int[] {1, 2}) {
            for (String test : List.of("pp8", "pp70", "tg4", "pp8 @ d33", "pp70 @ d33", "tg4 @ d33")) {
                tests.add(tuple(threads, test));
            }
        }
        return tests;
    }

    @Test
    void printsMachineModelAndTable() {
        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--model",
                model(),
                "--threads",
                "1",
                "--prompt",
                "8",
                "--gen",
                "4",
                "--repetitions",
                "2",
                "--no-warmup");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("- machine: ", "- JVM: ", "- llamapanama ", "; llama.cpp ", "- model: ", "tiny-llama")
                .containsPattern("\\| threads \\| test +\\| +tok/s \\| +median \\| +time to first token \\|")
                .containsPattern("\\| +1 \\| pp8 +\\| +[0-9.]+ ± [0-9.]+ \\| +[0-9.]+ \\| +[0-9.]+ ± [0-9.]+ ms \\|")
                .containsPattern("\\| +1 \\| tg4 +\\| +[0-9.]+ ± [0-9.]+ \\| +[0-9.]+ \\| +\\|")
                .contains("- ceilings, 1 threads: memory read ")
                .containsPattern("\\| +ceiling tok/s \\| +share \\|");
    }

    @Test
    void leavesTheCeilingsOut() throws IOException {
        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--no-limits",
                "--model",
                model(),
                "--prompt",
                "8",
                "--gen",
                "4",
                "--repetitions",
                "1",
                "--format",
                "json");

        assertThat(run.code()).isZero();
        assertThat(Report.parseJson(run.out())).hasSize(2).allSatisfy(result -> {
            assertThat(result.ceiling()).isNull();
            assertThat(result.ceilingShare()).isNull();
        });
    }

    @Test
    void writesAFile() throws IOException {
        Path file = folder.resolve("results.csv");

        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--no-limits",
                "--model",
                model(),
                "--threads",
                "1",
                "--prompt",
                "8",
                "--gen",
                "0",
                "--repetitions",
                "1",
                "--format",
                "csv",
                "--out",
                file.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(file).content().startsWith("\"build_commit\",").hasLineCount(2);
    }

    /** There is no memory for the second depth: what was measured at the first must stay. */
    @Test
    void linesAreWrittenAsResultsCome() throws IOException {
        Path file = folder.resolve("results.jsonl");
        List<String> args = new ArrayList<>(List.of(
                "throughput",
                "--quiet",
                "--model",
                model(),
                "--kv-type",
                "f32",
                "--force",
                "--depth",
                "0,999999999",
                "--threads",
                "1",
                "--prompt",
                "8",
                "--gen",
                "4",
                "--repetitions",
                "1",
                "--build-commit",
                "mine",
                "--format",
                "jsonl"));

        Cli toStandardOutput = Cli.run(args.toArray(String[]::new));
        args.addAll(List.of("--out", file.toString()));
        Cli toFile = Cli.run(args.toArray(String[]::new));

        assertThat(toStandardOutput.code()).isEqualTo(1);
        assertThat(toStandardOutput.err()).contains("GiB");
        assertThat(toStandardOutput.out().lines()).hasSize(2);
        assertThat(toFile.code()).isEqualTo(1);
        assertThat(toFile.out()).isEmpty();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        BenchResult last = new JsonMapper().readValue(lines.getLast(), BenchResult.class);
        assertThat(last.test()).isEqualTo("tg4");
        assertThat(last.buildCommit()).isEqualTo("mine");
    }

    @Test
    void writesAPage() {
        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--model",
                model(),
                "--threads",
                "1",
                "--prompt",
                "8",
                "--gen",
                "0",
                "--repetitions",
                "1",
                "--format",
                "html");

        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("<!DOCTYPE html>").contains("tiny-llama", "pp8");
    }

    @Test
    void hasTheFieldsAndSettingsOfLlamaBench() throws IOException, InterruptedException {
        Path tool = Oracle.tool("llama-bench");
        Process process = new ProcessBuilder(
                        tool.toString(),
                        "-m",
                        model(),
                        "-p",
                        "8",
                        "-n",
                        "4",
                        "-d",
                        "16",
                        "-t",
                        "1",
                        "-r",
                        "2",
                        "-o",
                        "json")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String expected = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();

        Cli run = Cli.run(
                "throughput",
                "--quiet",
                "--no-limits",
                "--model",
                model(),
                "--prompt",
                "8",
                "--gen",
                "4",
                "--depth",
                "16",
                "--threads",
                "1",
                "--repetitions",
                "2",
                "--format",
                "json");

        JsonNode theirs = new JsonMapper().readTree(expected);
        JsonNode ours = new JsonMapper().readTree(run.out());
        assertThat(ours).hasSameSizeAs(theirs);
        for (int i = 0; i < theirs.size(); i++) {
            compare(theirs.get(i), ours.get(i));
        }
    }

    private static void compare(JsonNode theirs, JsonNode ours) {
        List<String> names = new ArrayList<>();
        ours.fieldNames().forEachRemaining(names::add);
        List<String> theirNames = new ArrayList<>();
        theirs.fieldNames().forEachRemaining(theirNames::add);
        assertThat(names.subList(0, theirNames.size())).isEqualTo(theirNames);
        for (String name : theirNames) {
            assertThat(ours.get(name).getNodeType())
                    .as(name)
                    .isEqualTo(theirs.get(name).getNodeType());
            if (!MEASURED.contains(name)) {
                assertThat(ours.get(name).asText())
                        .as(name)
                        .isEqualTo(theirs.get(name).asText());
            }
        }
        assertThat(ours.get("cpu_info")).isEqualTo(theirs.get("cpu_info"));
        assertThat(ours.get("test_time").asText())
                .hasSameSizeAs(theirs.get("test_time").asText());
    }

    private static String model() {
        return TinyModel.file().toString();
    }
}
