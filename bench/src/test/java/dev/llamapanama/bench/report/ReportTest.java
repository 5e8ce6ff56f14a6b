package dev.llamapanama.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void readsLlamaBenchsJson() throws IOException {
        List<BenchResult> results = Report.parseJson(llamaBench());

        assertThat(results).extracting(BenchResult::test).containsExactly("pp16 @ d16", "tg8 @ d16");
        assertThat(results.getFirst().modelNParams()).isEqualTo(292_800);
        assertThat(results.getFirst().samplesNs()).hasSize(3);
        assertThat(results.getFirst().ttftNs()).isNull();
    }

    @Test
    void writesLlamaBenchsFieldsFirstThenOurs() throws IOException {
        JsonNode theirs = JSON.readTree(llamaBench()).get(0);
        JsonNode ours =
                JSON.readTree(Report.json(Report.parseJson(llamaBench()))).get(0);

        List<String> expected = new ArrayList<>();
        theirs.fieldNames().forEachRemaining(expected::add);
        expected.addAll(List.of(
                "avg_ttft_ns",
                "ttft_ns",
                "cpu_library",
                "java_version",
                "ceiling",
                "ceiling_ts",
                "ceiling_share",
                "bytes_per_token",
                "operations_per_token",
                "read_ts",
                "multiply_ts",
                "median_ts",
                "machine",
                "command"));
        assertThat(ours.fieldNames()).toIterable().containsExactlyElementsOf(expected);
    }

    @Test
    void jsonKeepsEveryValueOfLlamaBench() throws IOException {
        JsonNode theirs = JSON.readTree(llamaBench());
        JsonNode ours = JSON.readTree(Report.json(Report.parseJson(llamaBench())));

        for (int i = 0; i < theirs.size(); i++) {
            for (Map.Entry<String, JsonNode> field : theirs.get(i).properties()) {
                assertThat(plain(ours.get(i).get(field.getKey())))
                        .as(field.getKey())
                        .isEqualTo(plain(field.getValue()));
            }
        }
    }

    /** 12.50 and 12.5 are equal numbers. */
    private static Object plain(JsonNode value) {
        return value.isArray()
                ? value.valueStream().map(ReportTest::plain).toList()
                : value.isNumber() ? value.asDouble() : value.asText();
    }

    @Test
    void csvReadsBack() throws IOException {
        List<BenchResult> results = Report.parseJson(llamaBench());
        String csv = Report.csv(results);

        try (MappingIterator<Map<String, String>> rows = new CsvMapper()
                .readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(csv)) {
            List<Map<String, String>> all = rows.readAll();
            assertThat(all).hasSize(2);
            assertThat(all.getFirst())
                    .containsEntry("n_prompt", "16")
                    .containsEntry("n_depth", "16")
                    .containsEntry("no_kv_offload", "0")
                    .containsEntry("gpu_info", "")
                    .containsEntry("ttft_ns", "")
                    .containsEntry("avg_ns", String.valueOf(results.getFirst().avgNs()))
                    .containsKey("samples_ts");
            assertThat(Double.parseDouble(all.get(1).get("avg_ts")))
                    .isEqualTo(results.get(1).avgTs());
        }
    }

    @Test
    void csvGivesEachFieldOfAnObjectAColumn() {
        assertThat(Report.csv(Rows.throughput().subList(0, 1)).lines())
                .hasSize(2)
                .first(InstanceOfAssertFactories.STRING)
                .contains("\"median_ts\",\"machine_cpu\",\"machine_physical_cores\"")
                .endsWith("\"machine_commit\",\"command\"");
    }

    @Test
    void jsonlHasALineForEachResult() throws IOException {
        List<BenchResult> results = Rows.throughput();

        List<String> lines = Report.jsonl(results).lines().toList();

        assertThat(lines).hasSameSizeAs(results);
        assertThat(JSON.readValue(lines.getLast(), BenchResult.class)).isEqualTo(results.getLast());
    }

    private static String llamaBench() throws IOException {
        try (InputStream in = Objects.requireNonNull(ReportTest.class.getResourceAsStream("llama-bench.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
