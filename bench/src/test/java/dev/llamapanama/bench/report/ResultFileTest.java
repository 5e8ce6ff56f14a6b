package dev.llamapanama.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

class ResultFileTest {
    @TempDir
    private Path folder;

    @Test
    void rowsAreToldApartByTheirFields() throws IOException {
        ResultFile file = read(Report.jsonl(List.of(
                Rows.throughput().getFirst(),
                Rows.streams(4),
                Rows.ratio("pp512", 0.99),
                Rows.latency(64, 0),
                Rows.startup(),
                Rows.limit("memory read", "bytes/s", 1, 1e9),
                Rows.variant("LTO", "pp512", 100),
                Map.of("pl", 4),
                Map.of("variant", "no OpenMP", "model", "q05.gguf", "test", "pp512", "median_ratio", 0.9))));

        assertThat(file.rows())
                .extracting(row -> row.getClass().getSimpleName())
                .containsExactly(
                        "ThroughputRow",
                        "StreamsRow",
                        "RatioRow",
                        "LatencyRow",
                        "StartupRow",
                        "LimitsRow",
                        "VariantRow");
        assertThat(file.notes()).singleElement().asString().contains("2 of 9 rows");
    }

    @Test
    void anArrayIsReadToo() throws IOException {
        ResultFile file = read(Report.json(Rows.throughput()));

        assertThat(file.rows()).hasSize(Rows.throughput().size()).allMatch(ResultRow::ofEngine);
        assertThat(file.notes()).isEmpty();
    }

    @Test
    void rowsOfLlamaBatchedBenchHaveLess() throws IOException {
        ResultFile file = read(
                "{\"n_kv_max\": 256, \"is_pp_shared\": 0, \"n_threads\": 2, \"pp\": 16, \"tg\": 8, \"pl\": 2, \"speed_pp\": 1.5,"
                        + " \"speed_tg\": 2.5}\n");

        assertThat(file.rows()).singleElement().isInstanceOfSatisfying(StreamsRow.class, row -> {
            assertThat(row.ofEngine()).isFalse();
            assertThat(row.generation()).isEqualTo(2.5);
            assertThat(row.itlP95Ns()).isNull();
        });
    }

    @Test
    void anAbortedRunKeepsItsWholeLines() throws IOException {
        String lines = Report.jsonl(Rows.throughput().subList(0, 3));

        ResultFile file = read(lines.substring(0, lines.length() - 40));

        assertThat(file.rows()).hasSize(2);
        assertThat(file.notes()).singleElement().asString().contains("breaks off after row 2");
    }

    @Test
    void otherFilesAreAnErrorThatNamesTheFile() {
        for (String text : List.of("| model | test |", "{}", "")) {
            assertThatThrownBy(() -> read(text))
                    .isInstanceOf(ParameterException.class)
                    .hasMessageContaining("results.txt")
                    .hasMessageNotContaining("\n");
        }
    }

    private ResultFile read(String text) throws IOException {
        CommandSpec command = new CommandLine(CommandSpec.create()).getCommandSpec();
        return ResultFile.require(command, Files.writeString(folder.resolve("results.txt"), text));
    }
}
