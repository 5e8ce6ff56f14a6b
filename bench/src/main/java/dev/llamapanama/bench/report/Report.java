package dev.llamapanama.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The forms in which results are written; what reads llama-bench's files reads them. */
public final class Report {
    private static final JsonMapper JSON = new JsonMapper();
    private static final ObjectWriter JSON_WRITER = JSON.writerWithDefaultPrettyPrinter();
    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS)
            .build();

    private Report() {}

    /** An array of objects, as {@code llama-bench -o json}. */
    public static String json(Object value) {
        try {
            return JSON_WRITER.writeValueAsString(value) + System.lineSeparator();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line with an object for each value, as {@code llama-bench -o jsonl}. */
    public static String jsonl(List<?> values) {
        try {
            StringBuilder lines = new StringBuilder();
            for (Object value : values) {
                lines.append(JSON.writeValueAsString(value)).append(System.lineSeparator());
            }
            return lines.toString();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads what {@link #json} or {@code llama-bench -o json} wrote.
     *
     * @throws IOException if it is something else
     */
    public static List<BenchResult> parseJson(String json) throws IOException {
        return JSON.readerForListOf(BenchResult.class).readValue(json);
    }

    /**
     * A header and a line for each result, as {@code llama-bench -o csv}: 0 and 1 for booleans, samples separated by
     * spaces. Fields of an object have its name before theirs.
     */
    public static String csv(List<?> results) {
        ArrayNode rows = JSON.createArrayNode();
        results.forEach(result -> rows.add(flat(JSON.valueToTree(result))));
        CsvSchema.Builder schema = CsvSchema.builder().setUseHeader(true);
        if (!rows.isEmpty()) {
            rows.get(0).fieldNames().forEachRemaining(schema::addColumn);
        }
        try {
            return CSV.writer(schema.build()).writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode flat(ObjectNode result) {
        ObjectNode flat = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : result.properties()) {
            if (field.getValue() instanceof ObjectNode object) {
                flat(object)
                        .properties()
                        .forEach(inner -> flat.set(field.getKey() + "_" + inner.getKey(), inner.getValue()));
            } else {
                flat.put(field.getKey(), text(field.getValue()));
            }
        }
        return flat;
    }

    private static String text(JsonNode value) {
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(Report::text)
                    .collect(Collectors.joining(" "));
        }
        if (value.isBoolean()) {
            return value.booleanValue() ? "1" : "0";
        }
        return value.isNull() ? "" : value.asText();
    }
}
