package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.html.Chart.Series;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.StartupRow;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** The plot of {@code startup}. */
final class StartupSections {
    private static final double NS_PER_MS = 1e6;

    private final List<Sourced<StartupRow>> rows;

    StartupSections(List<Sourced<StartupRow>> rows) {
        this.rows = rows;
    }

    /** The plot, if there are rows. */
    List<Section> sections() {
        if (rows.isEmpty()) {
            return List.of();
        }
        Names<Sourced<StartupRow>> labels = new Names<>(
                rows,
                List.of(
                        Sourced::source,
                        row -> ResultRow.fileName(row.row().modelFilename()),
                        row -> row.row().nThreads() + " threads",
                        row -> Boolean.TRUE.equals(row.row().archive())
                                ? "archive of classes"
                                : "no archive of classes"),
                ResultRow.fileName(rows.getFirst().row().modelFilename()));
        return List.of(new Section(
                new Chart(
                        Kind.BARS,
                        "From the start of a process to its first text",
                        "model",
                        "ms",
                        List.of(
                                series("engine", labels, row -> point(row.medianEngineNs(), row.engineNs())),
                                series(
                                        "llama-completion",
                                        labels,
                                        row -> point(row.medianReferenceNs(), row.referenceNs()))),
                        null),
                "Median, least and greatest of the pairs."));
    }

    private Series series(String name, Names<Sourced<StartupRow>> labels, Function<StartupRow, Point> point) {
        return new Series(
                name,
                rows.stream()
                        .map(row -> {
                            Point bare = point.apply(row.row());
                            return Point.at(labels.of(row), bare.value(), bare.low(), bare.high());
                        })
                        .toList());
    }

    private static Point point(double median, List<Long> samples) {
        return Point.at(
                "", median / NS_PER_MS, Collections.min(samples) / NS_PER_MS, Collections.max(samples) / NS_PER_MS);
    }
}
