package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.html.Chart.Series;
import dev.llamapanama.bench.report.RooflinePoint;
import dev.llamapanama.bench.report.ThroughputRow;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Plots of prompts of several lengths, each computed at once, below what the machine can do at most. */
final class RooflineSections {
    private static final double GIGA = 1e9;

    private final List<Sourced<ThroughputRow>> rows;
    private final Names<Sourced<ThroughputRow>> names;

    RooflineSections(List<Sourced<ThroughputRow>> rows) {
        this.rows = rows.stream()
                .filter(row -> row.row().result().roofline() != null)
                .toList();
        this.names = new Names<>(
                this.rows,
                ThroughputSections.withSettings(List.of(
                        Sourced::source,
                        ThroughputSections::model,
                        ThroughputSections::threads,
                        row -> "depth " + ThroughputSections.result(row).nDepth())),
                "");
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        return Stream.of(
                        chart("Roofline: operations", "Gop/s", RooflinePoint::operationsPerToken),
                        chart("Roofline: memory", "GB/s", RooflinePoint::bytesPerToken))
                .filter(chart -> !chart.isEmpty())
                .map(
                        chart -> new Section(
                                chart,
                                "Attainable: if only memory were read, which bounds few tokens, or only multiplied, which bounds many."))
                .toList();
    }

    private Chart chart(String title, String unit, ToDoubleFunction<RooflinePoint> perToken) {
        List<Series> series = Stream.concat(
                        series("achieved", row -> row.row().speed(), perToken),
                        series("attainable", row -> point(row).attainableTs(), perToken))
                .toList();
        return new Chart(Kind.LOG_LINES, title, "tokens at once", unit, series, null);
    }

    private Stream<Series> series(
            String what, ToDoubleFunction<Sourced<ThroughputRow>> speed, ToDoubleFunction<RooflinePoint> perToken) {
        Function<Sourced<ThroughputRow>, String> name =
                row -> names.of(row).isEmpty() ? what : what + ", " + names.of(row);
        return Plots.seriesOverNumbers(rows, name, row -> {
                    double perSecond = speed.applyAsDouble(row) * perToken.applyAsDouble(point(row));
                    return Point.at(ThroughputSections.result(row).nPrompt(), perSecond / GIGA, null, null);
                })
                .stream();
    }

    private static RooflinePoint point(Sourced<ThroughputRow> row) {
        return Objects.requireNonNull(row.row().result().roofline());
    }
}
