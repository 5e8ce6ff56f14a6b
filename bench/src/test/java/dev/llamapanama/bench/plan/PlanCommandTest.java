package dev.llamapanama.bench.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    private Path folder;

    @Test
    void saysThatItIsAProjectionAndWhatItRestsOn() {
        Cli run = Cli.run("plan", "--published-only");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("**This is a projection on paper, not a measurement.**")
                .contains(
                        "48 cores at 2.75 GHz",
                        "Qwen3-30B-A3B Q8_0",
                        "Assumptions",
                        "25 % of the theoretical bandwidth",
                        "https://github.com/ggml-org/llama.cpp/issues/17936")
                .containsPattern("\\| tg128 +\\| +[0-9.]+ to [0-9.]+ \\|");
    }

    /** Shares are taken from a machine and given back to it: the published speed must come out. */
    @Test
    void projectsAPublishedMachineToItsPublishedSpeed() throws IOException {
        JsonNode plan =
                json("--published-only", "--shape", "llama-3-8b", "--weights", "q8_0", "--cores", "96", "--ghz", "2.6");

        assertThat(plan.get("nature").asText()).contains("not a measurement");
        JsonNode generation = plan.get("projections").get(1);
        assertThat(generation.get("test").asText()).isEqualTo("tg128");
        assertThat(generation.get("low").asDouble()).isCloseTo(32.4, within(0.01));
        JsonNode prompt = plan.get("projections").get(0);
        assertThat(prompt.get("low").asDouble()).isCloseTo(451, within(0.1));
        assertThat(prompt.get("limit").asText()).isEqualTo("int8 multiply");
    }

    @Test
    void takesSharesFromAThroughputRun() throws IOException {
        String model = TinyModel.file().toString();
        Path rows = folder.resolve("rows.json");
        Cli throughput = Cli.run(
                "throughput",
                "--quiet",
                "--model",
                model,
                "--prompt",
                "8",
                "--gen",
                "4",
                "--repetitions",
                "1",
                "--format",
                "json",
                "--out",
                rows.toString());
        assertThat(throughput.code()).isZero();

        JsonNode plan = json("--from", rows.toString(), "--model", model, "--no-avx512", "--bandwidth", "100");

        assertThat(plan.get("target").get("bf16").asBoolean()).isFalse();
        assertThat(plan.get("target").get("read_bandwidth").asDouble()).isEqualTo(100e9);
        assertThat(plan.get("weight_bytes_per_token").asLong()).isEqualTo(723_200);
        assertThat(plan.get("efficiencies").get(0).get("source").asText()).startsWith("measured: ");
        assertThat(plan.get("projections")).hasSize(2);
    }

    @Test
    void aRunWithoutCeilingsIsRefused() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.json"), "[]");

        Cli run = Cli.run("plan", "--from", rows.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no row with a ceiling");
    }

    @Test
    void slowerCoresMakeSlowerPrompts() throws IOException {
        double fast = json("--published-only")
                .get("projections")
                .get(0)
                .get("bound_ts")
                .asDouble();
        double slow = json("--published-only", "--no-vnni")
                .get("projections")
                .get(0)
                .get("bound_ts")
                .asDouble();

        assertThat(slow).isLessThan(0.6 * fast).isGreaterThan(0.4 * fast);
    }

    @Test
    void whatTheFormulasDoNotFitIsAWrongArgument() throws IOException {
        Path encoder = folder.resolve("bert.gguf");
        ModelForge.forge(TinyModels.bert(), encoder);
        Path window = folder.resolve("gemma3.gguf"); // 32 tokens
        ModelForge.forge(TinyModels.gemma3(), window);

        Cli none = Cli.run("plan", "--model", encoder.toString());
        Cli beyond = Cli.run("plan", "--model", window.toString());
        Cli half = Cli.run("plan", "--model", window.toString(), "--published-only", "--gen", "16");

        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err().strip()).contains("bert.gguf").doesNotContain("\n");
        assertThat(beyond.code()).isEqualTo(2);
        assertThat(beyond.err().strip()).contains("sliding window of 32 tokens").doesNotContain("\n");
        assertThat(half.code()).as(half.err()).isZero();
        assertThat(half.out())
                .contains("| tg16 ", "beyond the model's sliding window of 32 tokens: 512 after 0")
                .doesNotContain("| pp512 ");
    }

    private static JsonNode json(String... args) throws IOException {
        String[] all = new String[args.length + 4];
        all[0] = "plan";
        all[1] = "--quiet";
        all[2] = "--format";
        all[3] = "json";
        System.arraycopy(args, 0, all, 4, args.length);
        Cli run = Cli.run(all);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return new JsonMapper().readTree(run.out());
    }
}
