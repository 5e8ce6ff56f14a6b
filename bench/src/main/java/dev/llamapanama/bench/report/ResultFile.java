package dev.llamapanama.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.cli.Arguments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What a file of results holds: an array of objects, or an object a line. Rows are told apart by their fields, so that
 * files of llama.cpp's tools are read too.
 *
 * @param name of the file, without folders
 * @param rows those that are known
 * @param notes what was left out, for people
 */
public record ResultFile(String name, List<ResultRow> rows, List<String> notes) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Reads a file that an option names.
     *
     * @throws ParameterException if it holds no results
     */
    public static ResultFile require(CommandSpec spec, Path file) {
        String text = Arguments.requireText(spec, file);
        String message =
                file + " holds no results as json or jsonl; llamapanama's commands and llama.cpp's tools write them";
        try {
            ResultFile results = parse(String.valueOf(file.getFileName()), text);
            Arguments.require(spec, !results.rows.isEmpty(), message);
            return results;
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), message, e);
        }
    }

    /** Results that are in no file. */
    public static ResultFile of(String name, List<?> results) {
        try {
            return parse(name, Report.jsonl(results));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // what was written reads back
        }
    }

    /**
     * Reads text. A last line that is cut short, as an aborted run leaves it, is left out with a note.
     *
     * @throws JsonProcessingException if the text does not begin as JSON
     */
    static ResultFile parse(String name, String text) throws IOException {
        List<ResultRow> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        int unknown = 0;
        int count = 0;
        try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(text)) {
            while (values.hasNextValue()) {
                JsonNode value = values.nextValue();
                count++;
                if (!addRow(rows, value)) {
                    unknown++;
                }
            }
        } catch (JsonProcessingException e) {
            if (count == 0) {
                throw e;
            }
            notes.add("%s breaks off after row %d.".formatted(name, count));
        }
        if (unknown > 0) {
            notes.add("%s: %d of %d rows are of a kind that is not shown.".formatted(name, unknown, count));
        }
        return new ResultFile(name, List.copyOf(rows), List.copyOf(notes));
    }

    private static boolean addRow(List<ResultRow> rows, JsonNode value) {
        try {
            if (has(value, "n_prompt", "n_gen", "avg_ts", "model_filename")) {
                rows.add(new ThroughputRow(
                        JSON.treeToValue(value, BenchResult.class),
                        value.path("ceiling").textValue(),
                        value.path("ceiling_share").isNumber()
                                ? value.get("ceiling_share").doubleValue()
                                : null));
            } else if (has(value, "pl", "pp", "tg", "speed_pp", "speed_tg")) {
                rows.add(JSON.treeToValue(value, StreamsRow.class));
            } else if (has(value, "model", "test", "median_ratio", "engine_ts", "peer_ts")) {
                rows.add(JSON.treeToValue(value, RatioRow.class));
            } else if (has(value, "measure", "n_prompt", "n_cached", "samples_ns")) {
                rows.add(JSON.treeToValue(value, LatencyRow.class));
            } else if (has(value, "model_filename", "engine_ns", "reference_ns", "median_engine_ns")) {
                rows.add(JSON.treeToValue(value, StartupRow.class));
            } else if (has(value, "limit", "threads", "unit") && value.has("best")) {
                rows.add(JSON.treeToValue(value, LimitsRow.class));
            } else if (has(value, "model", "test", "speeds", "ratios")
                    && value.path("variant").isObject()) {
                rows.add(JSON.treeToValue(value, VariantRow.class));
            } else {
                return false;
            }
            return true;
        } catch (JsonProcessingException e) { // a field of another type than ours
            return false;
        }
    }

    private static boolean has(JsonNode value, String... fields) {
        return List.of(fields).stream().allMatch(value::hasNonNull);
    }
}
