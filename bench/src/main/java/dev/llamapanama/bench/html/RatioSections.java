package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.report.RatioRow;
import dev.llamapanama.bench.report.ResultRow;
import java.util.Collections;
import java.util.List;

/** The plot of {@code compare}. */
final class RatioSections {
    private final List<Sourced<RatioRow>> rows;

    RatioSections(List<Sourced<RatioRow>> rows) {
        this.rows = rows;
    }

    /** The plot, if there are rows. */
    List<Section> sections() {
        if (rows.isEmpty()) {
            return List.of();
        }
        Names<Sourced<RatioRow>> series = new Names<>(
                rows,
                List.of(
                        Sourced::source,
                        row -> row.row().peer() == null ? "" : "to " + row.row().peer()),
                "engine / native tool");
        Names<Sourced<RatioRow>> labels = new Names<>(
                rows,
                List.of(
                        row -> ResultRow.fileName(row.row().model()),
                        row -> row.row().test(),
                        row -> row.row().threads() + " threads",
                        row -> row.row().settings().unusual()),
                rows.getFirst().row().test());
        Chart chart = Plots.overLabels(
                Kind.DOTS,
                "The engine beside native tools",
                "test",
                "ratio",
                rows,
                series::of,
                row -> point(labels.of(row), row.row()));
        boolean confidence = rows.stream().allMatch(row -> row.row().ratioLow() != null);
        return List.of(
                new Section(
                        chart.withLine(1),
                        "Speed of the engine divided by the other's, median of pairs that were measured in turn; above 1 the engine is"
                                + " faster.",
                        confidence
                                ? "The interval is the median's confidence interval."
                                : "Where no confidence interval is given, the interval is from the lowest pair to the highest."));
    }

    private static Point point(String label, RatioRow row) {
        List<Double> ratios = row.ratios();
        if (row.ratioLow() != null && row.ratioHigh() != null) {
            return Point.at(label, row.medianRatio(), row.ratioLow(), row.ratioHigh())
                    .withSamples(ratios);
        }
        return ratios == null || ratios.size() < 2
                ? Point.at(label, row.medianRatio(), null, null)
                : Point.at(label, row.medianRatio(), Collections.min(ratios), Collections.max(ratios))
                        .withSamples(ratios);
    }
}
