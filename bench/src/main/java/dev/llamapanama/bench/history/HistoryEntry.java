package dev.llamapanama.bench.history;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.ResultRow;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A line of the history: what one build did on one machine. It needs no other file.
 *
 * @param format of the line; {@value #FORMAT} is the present one, and what an older line lacks is null or empty
 * @param label what the run was for, such as a release's number
 * @param date when it was measured, UTC, in the form of ISO 8601
 * @param machine what it ran on: processor, llamapanama's commit, llama.cpp's tree, how the native code was built
 * @param commands that measured
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HistoryEntry(
        int format, String label, String date, @Nullable Machine machine, List<String> commands, List<Figure> figures) {
    /** Counts up when a reader of the former lines would misread a new one. */
    static final int FORMAT = 1;

    public HistoryEntry {
        label = label == null ? "" : label;
        date = date == null ? "" : date;
        commands = commands == null ? List.of() : List.copyOf(commands);
        figures = figures == null ? List.of() : List.copyOf(figures);
    }

    /** The line of a run. */
    public static HistoryEntry of(String label, Machine machine, List<ResultRow> rows) {
        return new HistoryEntry(
                FORMAT,
                label,
                rows.stream()
                        .map(ResultRow::testTime)
                        .filter(Objects::nonNull)
                        .min(String::compareTo)
                        .orElse(""),
                machine,
                rows.stream()
                        .map(ResultRow::command)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList(),
                rows.stream().flatMap(row -> Figure.of(row).stream()).toList());
    }

    /** llamapanama's revision; empty if unknown. */
    public String commit() {
        return machine == null ? "" : machine.commit();
    }
}
