package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.html.Chart.Series;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.StreamsRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Plots of {@code streams} and of llama-batched-bench. */
final class StreamsSections {
    private static final double NS_PER_MS = 1e6;

    private final List<Sourced<StreamsRow>> rows;
    private final Names<Sourced<StreamsRow>> names;

    StreamsSections(List<Sourced<StreamsRow>> rows) {
        this.rows = rows;
        names = new Names<>(
                rows,
                List.of(
                        Sourced::source,
                        row -> row.row().modelFilename() == null
                                ? ""
                                : ResultRow.fileName(row.row().modelFilename()),
                        row -> "pp" + row.row().pp() + " tg" + row.row().tg(),
                        row -> row.row().isPpShared() == 1 ? "shared prompt" : "separate prompts",
                        row -> row.row().nThreads() + " threads",
                        row -> row.row().settings().unusual()),
                "all streams");
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        if (rows.isEmpty()) {
            return sections;
        }
        sections.add(speed("Prompt processing of parallel streams", StreamsRow::prompt));
        sections.add(speed("Prompt processing of each stream", StreamsRow::promptPerStream));
        sections.add(speed("Generation of parallel streams", StreamsRow::generation));
        sections.add(speed("Generation of each stream", row -> row.generation() / row.pl()));
        Chart latency = latency();
        if (!latency.isEmpty()) {
            sections.add(new Section(
                    latency,
                    "The time between two tokens of a stream: the median, and what 95 % and 99 % of the"
                            + " steps were not above."));
        }
        return sections;
    }

    private Section speed(String title, ToDoubleFunction<StreamsRow> speed) {
        List<Series> series = new ArrayList<>();
        for (String name : rows.stream().map(names::of).distinct().toList()) {
            series.add(series(name, name, row -> speed.applyAsDouble(row)));
        }
        return new Section(new Chart(Kind.LOG_LINES, title, "streams", "tok/s", series, null));
    }

    private Chart latency() {
        List<Series> series = new ArrayList<>();
        for (String name : rows.stream().map(names::of).distinct().toList()) {
            series.add(series(name, name + ", p50", row -> milliseconds(row.itlP50Ns())));
            series.add(series(name, name + ", p95", row -> milliseconds(row.itlP95Ns())));
            series.add(series(name, name + ", p99", row -> milliseconds(row.itlP99Ns())));
        }
        series.removeIf(one -> one.points().isEmpty());
        return new Chart(Kind.LOG_LINES, "Inter-token latency", "streams", "ms", series, null);
    }

    private static @Nullable Double milliseconds(@Nullable Long nanoseconds) {
        return nanoseconds == null ? null : nanoseconds / NS_PER_MS;
    }

    private interface Value {
        @Nullable
        Double of(StreamsRow row);
    }

    private Series series(String name, String title, Value value) {
        List<Point> points = new ArrayList<>();
        for (Sourced<StreamsRow> row : rows) {
            Double number = value.of(row.row());
            if (number != null && names.of(row).equals(name)) {
                points.add(Point.at(row.row().pl(), number, null, null));
            }
        }
        return new Series(title, points);
    }
}
