package dev.llamapanama.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
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

class StartupCommandTest {
    @TempDir
    private Path folder;

    @Test
    void startsBothProgramsInTurn() throws IOException {
        Cli run = Cli.run(
                "startup",
                "--quiet",
                "--completion-tool",
                Oracle.tool("llama-completion").toString(),
                "--completion-options=--no-warmup --fit off",
                "--no-archive",
                "--model",
                TinyModel.file().toString(),
                "--threads",
                "1",
                "--context",
                "128",
                "--repetitions",
                "2",
                "--format",
                "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        JsonNode result = new JsonMapper().readTree(run.out()).get(0);
        assertThat(result.get("archive").asBoolean()).isFalse();
        assertThat(result.get("machine").get("cpu").asText()).isNotEmpty();
        assertThat(result.get("command").asText()).startsWith("llamapanama startup --quiet");
        assertThat(result.get("test_time").asText()).endsWith("Z");
        assertThat(words(result.get("first"))).containsExactly("engine", "llama-completion");
        assertThat(words(result.get("reference_command"))).contains("--no-warmup", "--fit", "off");
        for (int pair = 0; pair < 2; pair++) {
            double engine = result.get("engine_ns").get(pair).asDouble();
            double reference = result.get("reference_ns").get(pair).asDouble();
            assertThat(engine).isPositive();
            assertThat(reference).isPositive();
            assertThat(result.get("ratios").get(pair).asDouble()).isEqualTo(engine / reference);
        }
        assertThat(result.get("min_ratio").asDouble())
                .isLessThanOrEqualTo(result.get("max_ratio").asDouble());
    }

    @Test
    void theFirstByteCountsAndNotTheEnd() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long first = new FirstByte("slow", List.of("sh", "-c", "printf a; sleep 1; printf b")).measure();
        long whole = System.nanoTime() - begin;

        assertThat(whole - first).isGreaterThanOrEqualTo(1_000_000_000L); // the sleep, however slow the machine
    }

    @Test
    void withoutOutputTheEndCounts() throws IOException, InterruptedException {
        long time = new FirstByte("silent", List.of("sh", "-c", "sleep 1")).measure();

        assertThat(time).isGreaterThanOrEqualTo(1_000_000_000L);
    }

    @Test
    void aProgramThatFailsSaysWhy() {
        FirstByte program = new FirstByte("broken", List.of("sh", "-c", "printf a; echo no model >&2; exit 3"));

        assertThatThrownBy(program::measure)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken ended with exit code 3 (no model)");
    }

    @Test
    void aFileThatIsNoModelFailsInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("not-a-model.gguf"), "hello");

        Cli run = Cli.run(
                "startup", "--quiet", "--completion-tool", "/bin/true", "--no-archive", "--model", file.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip()).hasLineCount(1).contains("not-a-model.gguf");
    }

    static List<List<String>> wrongArguments() {
        return List.of(
                List.of("--completion-tool", "/no/such/tool"),
                List.of("--completion-tool", "/tmp"),
                List.of("--completion-tool", "/bin/true", "--repetitions", "0"),
                List.of("--completion-tool", "/bin/true", "--threads", "0"),
                List.of("--completion-tool", "/bin/true", "--context", "0"),
                List.of(
                        "--completion-tool",
                        "/bin/true",
                        "--model",
                        TinyModel.file().toString(),
                        "--context",
                        "999999999"),
                List.of("--completion-tool", "/bin/true", "--model", "/no/such/model.gguf"));
    }

    @ParameterizedTest
    @MethodSource
    void wrongArguments(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("startup"));
        command.addAll(arguments);

        Cli run = Cli.run(command.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).isNotEmpty().doesNotContain("\n").contains("--help");
    }

    private static List<String> words(JsonNode array) {
        List<String> words = new ArrayList<>();
        array.forEach(word -> words.add(word.asText()));
        return words;
    }
}
