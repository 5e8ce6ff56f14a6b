package dev.llamapanama.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompareCommandTest {
    /** Answers without measuring. */
    private record Fake(String name, double speed, List<String> calls) implements Contender {
        @Override
        public List<String> command(Path model, TestSpec test, int threads) {
            throw new AssertionError("not run");
        }

        @Override
        public double measure(Path model, TestSpec test, int threads) {
            calls.add(name);
            return speed + calls.size();
        }
    }

    @Test
    void pairsAreInterleaved() throws IOException, InterruptedException {
        List<String> calls = new ArrayList<>();

        Comparison comparison = Comparison.measure(
                new Fake("A", 98, calls),
                new Fake("B", 100, calls),
                Path.of("m.gguf"),
                new TestSpec(0, 64, 512),
                2,
                3,
                Progress.none());

        assertThat(calls).containsExactly("A", "B", "B", "A", "A", "B");
        assertThat(comparison.first()).containsExactly("A", "B", "A");
        assertThat(comparison.test()).isEqualTo("tg64 @ d512");
        assertThat(comparison.engine()).containsExactly(99.0, 102.0, 103.0);
        assertThat(comparison.reference()).containsExactly(102.0, 103.0, 106.0);
        assertThat(comparison.medianRatio()).isEqualTo(103.0 / 106);
    }

    @Test
    void runsBothProgramsOnATinyModel() throws IOException {
        Path tool = Oracle.tool("llama-bench");

        Cli run = Cli.run(
                "compare",
                "--quiet",
                "--bench-tool",
                tool.toString(),
                "--models",
                TinyModel.file().toString(),
                "--tests",
                "pp16,tg4@d16",
                "--threads",
                "1",
                "--repetitions",
                "2",
                "--format",
                "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        JsonNode comparisons = new JsonMapper().readTree(run.out());
        assertThat(comparisons).hasSize(2);
        assertThat(comparisons.get(1).get("test").asText()).isEqualTo("tg4 @ d16");
        assertThat(comparisons.get(1).get("ratios")).hasSize(2);
        assertThat(comparisons.get(1).get("median_ratio").asDouble()).isPositive();
    }
}
