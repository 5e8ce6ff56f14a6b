package dev.llamapanama.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsCommandTest {
    @Test
    void measuresEachLimitForEachNumberOfThreads() throws IOException {
        Cli run = Cli.run("limits", "--quiet", "--threads", "1,2", "--duration", "0.02", "--format", "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        JsonNode rows = new JsonMapper().readTree(run.out());
        assertThat(rows.valueStream().map(row -> row.get("limit").asText() + " " + row.get("threads")))
                .containsExactlyElementsOf(List.of(
                        "memory read 1",
                        "memory read 2",
                        "f32 multiply 1",
                        "f32 multiply 2",
                        "bf16 multiply 1",
                        "bf16 multiply 2",
                        "int8 multiply 1",
                        "int8 multiply 2"));
        for (JsonNode row : rows) {
            boolean measured = row.get("limit").asText().equals("memory read")
                    || !row.get("instruction").isNull();
            assertThat(row.get("machine").get("cpu")).isEqualTo(row.get("cpu"));
            assertThat(row.get("command").asText()).startsWith("llamapanama limits --quiet");
            assertThat(row.get("best").isNumber()).isEqualTo(measured);
            assertThat(row.get("best").isNull()).isEqualTo(!measured);
            if (measured) {
                assertThat(row.get("best").asDouble())
                        .isGreaterThan(1e7)
                        .isGreaterThanOrEqualTo(row.get("median").asDouble());
            }
        }
    }

    @Test
    void printsATable() {
        Cli run = Cli.run("limits", "--quiet", "--threads", "1", "--duration", "0.02");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("- machine: ", "- f32 multiply: ", "- bf16 multiply: ", "| threads | memory read GB/s |")
                .containsPattern("\\| +1 \\| +[0-9.]+ \\([0-9.]+\\) \\| +[0-9.]+ \\([0-9.]+\\) \\|");
    }

    @Test
    void writesCsv() {
        Cli run = Cli.run("limits", "--quiet", "--threads", "1", "--duration", "0.02", "--format", "csv");

        assertThat(run.out())
                .startsWith("\"cpu\",\"limit\",\"instruction\",\"threads\",\"unit\",\"best\",\"median\"")
                .hasLineCount(5);
    }
}
