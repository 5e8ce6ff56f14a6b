package dev.llamapanama.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.bench.cli.OracleTools;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompareCommandTest {
    @TempDir
    private Path folder;

    @Test
    void comparesWithLlamaBench() throws IOException {
        Cli run = compare(
                "--bench-tool",
                Oracle.tool("llama-bench").toString(),
                "--tests",
                "pp16,tg4@d16",
                "--samples",
                "3",
                "--batch",
                "8",
                "--ubatch",
                "4",
                "--kv-type",
                "bf16",
                "--flash-attention",
                "on",
                "--jvm-options",
                "-Xint -Xmx100m",
                "--env",
                "GOMP_SPINCOUNT=1000",
                "--kernels",
                "on,off",
                "--format",
                "json");

        JsonNode rows = rows(run);
        assertThat(rows)
                .extracting(row -> row.get("peer").asText())
                .containsExactly("llama-bench", "engine, kernels off", "llama-bench", "engine, kernels off");
        JsonNode row = rows.get(2);
        assertThat(row.get("test").asText()).isEqualTo("tg4 @ d16");
        assertThat(row.get("peer").asText()).isEqualTo("llama-bench");
        assertThat(row.get("n_batch").asInt()).isEqualTo(8);
        assertThat(row.get("type_kv").asText()).isEqualTo("bf16");
        assertThat(row.get("samples").asInt()).isEqualTo(3);
        assertThat(row.get("engine_description").asText())
                .contains("-Xint -Xmx100m -Dllamapanama.kernels=on", "GOMP_SPINCOUNT=1000");
        assertThat(row.get("first")).extracting(JsonNode::asText).containsExactly("engine", "llama-bench");
        assertThat(row.get("ratios")).hasSize(2);
        assertThat(row.get("median_ratio").asDouble()).isPositive();
        assertThat(row.get("ratio_low").isNull()).isTrue();
    }

    @Test
    void aRowTellsTheEnginesOwnKernels() throws IOException {
        JsonNode rows = rows(compare(
                "--bench-tool",
                Oracle.tool("llama-bench").toString(),
                "--tests=pp8",
                "--repetitions=1",
                "--kernels=off",
                "--format=json"));

        assertThat(rows.get(0).get("machine").get("kernels").asText()).startsWith("off: ");
    }

    @Test
    void everyCombinationIsMeasured() throws IOException {
        Cli run = compare(
                "--bench-tool",
                Oracle.tool("llama-bench").toString(),
                "--tests=pp8",
                "--kv-type=f16,bf16",
                "--flash-attention=on,off",
                "--repetitions=1",
                "--format=jsonl");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(4).allMatch(line -> line.startsWith("{"));
    }

    @Test
    void theTableSaysWhatWasCompared() throws IOException {
        String tool = Oracle.tool("llama-bench").toString();

        Cli run = compare("--bench-tool", tool, "--tests", "pp8", "--repetitions", "6");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("- machine: ")
                .contains("- llama-bench: " + tool)
                .contains("- settings: n_batch 2048, n_ubatch 512, type_kv f16, fa auto")
                .contains(" 95 % interval |")
                .containsPattern("\\| llama-bench \\|.* to .*\\|\\s+6 \\|");
        assertThat(compare("--bench-tool", tool, "--tests", "pp8", "--repetitions", "1")
                        .out())
                .contains("| too few pairs |");
    }

    @Test
    void writesCsv() {
        Cli run = compare("--bench-tool", Oracle.tool("llama-bench").toString(), "--tests", "pp8", "--format", "csv");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out()).startsWith("\"model\",\"test\",\"peer\"");
    }

    @Test
    void findsTheToolsOfTheBuild() throws IOException {
        Path tool = Oracle.tool("llama-bench");

        assertThat(OracleTools.find("llama-bench")).contains(tool);
        assertThat(OracleTools.find("llama-nonsense")).isEmpty();
    }

    @Test
    void measuresParallelSequencesWithLlamaBatchedBench() throws IOException, InterruptedException {
        LlamaBatchedBench tool = new LlamaBatchedBench(Oracle.tool("llama-batched-bench"));

        List<Double> speeds = tool.measure(workload("pp16+tg4x3", 2)).speeds();

        assertThat(speeds).hasSize(2).allMatch(speed -> speed > 0);
    }

    @Test
    void comparesParallelSequences() throws IOException {
        assumeTrue(
                Cli.run("--help").out().contains("streams"),
                "there is no command streams, which measures the engine's side");

        Cli run = compare(
                "--batched-bench-tool",
                Oracle.tool("llama-batched-bench").toString(),
                "--tests",
                "pp16+tg4x3",
                "--samples",
                "2",
                "--format",
                "json");

        JsonNode rows = rows(run);
        assertThat(rows)
                .extracting(row -> row.get("test").asText())
                .containsExactly("pp16+tg4x3 prompt", "pp16+tg4x3 generation");
        assertThat(rows).allMatch(row -> row.get("peer").asText().equals("llama-batched-bench"));
        assertThat(rows).allMatch(row -> row.get("median_ratio").asDouble() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pp40", "tg5", "tg5@d33"})
    void measuresTheJniPeer(String test) throws IOException, InterruptedException {
        List<Double> speeds = new JniPeer().measure(workload(test, 2)).speeds();

        assertThat(speeds).hasSize(1).allMatch(speed -> speed > 0);
    }

    @Test
    void theJniPeerIsMeasuredWhereItHasTheTest() throws IOException {
        Cli run = compare(
                "--jni-peer",
                "--bench-tool",
                Oracle.tool("llama-bench").toString(),
                "--tests",
                "pp16,pp16@d16",
                "--repetitions",
                "1",
                "--format",
                "json");

        assertThat(rows(run))
                .extracting(
                        row -> row.get("test").asText() + " " + row.get("peer").asText())
                .containsExactly("pp16 llama-bench", "pp16 JNI peer", "pp16 @ d16 llama-bench");
    }

    @Test
    void aProgramThatFailsIsToldInOneLine() throws IOException {
        Path tool = script("echo first; echo 'second: the reason' >&2; exit 3");

        Cli run = compare("--bench-tool", tool.toString(), "--tests", "pp8");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().strip())
                .contains("llama-bench ended with exit code 3: second: the reason")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no result",
                "{\"nonsense\": 1}",
                "{\"n_prompt\":9,\"n_gen\":0,\"n_depth\":0,\"n_threads\":1,\"n_batch\":2048,\"n_ubatch\":512,\"type_k\":\"f16\","
                        + "\"type_v\":\"f16\",\"samples_ts\":[1.0]}",
                "{\"n_prompt\":8,\"n_gen\":0,\"n_depth\":0,\"n_threads\":1,\"n_batch\":2048,\"n_ubatch\":512,\"type_k\":\"f16\","
                        + "\"type_v\":\"f16\",\"samples_ts\":[1.0, 2.0]}"
            })
    void resultsOfSomethingElseAreRefused(String output) throws IOException {
        LlamaBench tool = new LlamaBench(script("echo '" + output + "'"));

        assertThatThrownBy(() -> tool.measure(workload("pp8", 1)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("llama-bench ");
    }

    @Test
    void theSettingsReachTheTool() throws IOException, InterruptedException {
        Path seen = folder.resolve("seen");
        Path tool = script("echo \"$@\" > " + seen
                + "; echo '{\"n_prompt\":8,\"n_gen\":0,\"n_depth\":0,\"n_threads\":1,\"n_batch\":2048,\"n_ubatch\":512,"
                + "\"type_k\":\"f16\",\"type_v\":\"f16\",\"samples_ts\":[1.0,2.0,9.0]}'");

        assertThat(new LlamaBench(tool).measure(workload("pp8", 3)).speeds()).containsExactly(2.0);
        assertThat(seen).content().contains("-t 1 -b 2048 -ub 512 -ctk f16 -ctv f16 -fa auto -lm auto -r 3");
    }

    @Test
    void theEngineGetsOptionsAndEnvironment() throws IOException, InterruptedException {
        Engine engine = new Engine("engine", List.of("-XX:NoSuchOption=1"), Map.of(), false);

        assertThatThrownBy(() -> engine.measure(workload("pp8", 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("engine ended with exit code 1");
    }

    private Path script(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("tool.sh"), "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private static Workload workload(String test, int samples) {
        return new Workload(
                TinyModel.file().toAbsolutePath(),
                CompareTest.parse(test),
                1,
                2048,
                512,
                KvType.F16,
                FlashAttention.AUTO,
                samples);
    }

    /** On a tiny model, with a thread and two pairs unless {@code more} says otherwise. */
    private static Cli compare(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("compare", "--quiet", "--models", TinyModel.file().toString(), "--threads", "1"));
        List<String> given = List.of(more);
        if (given.stream().noneMatch(argument -> argument.startsWith("--repetitions"))) {
            arguments.addAll(List.of("--repetitions", "2"));
        }
        arguments.addAll(given);
        return Cli.run(arguments.toArray(String[]::new));
    }

    private static JsonNode rows(Cli run) throws IOException {
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return new JsonMapper().readTree(run.out());
    }
}
