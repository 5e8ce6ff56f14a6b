package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.report.LimitsRow;
import java.util.ArrayList;
import java.util.List;

/** Plots of {@code limits}: the fastest passes. */
final class LimitsSections {
    private static final double GIGA = 1e9;

    private final List<Sourced<LimitsRow>> rows;

    LimitsSections(List<Sourced<LimitsRow>> rows) {
        this.rows = rows.stream().filter(row -> row.row().best() != null).toList();
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        add(sections, "Memory bandwidth", "bytes/s", "GB/s");
        add(sections, "Multiplication", "operations/s", "Gop/s");
        return sections;
    }

    private void add(List<Section> sections, String title, String rowUnit, String unit) {
        List<Sourced<LimitsRow>> some =
                rows.stream().filter(row -> row.row().unit().equals(rowUnit)).toList();
        if (some.isEmpty()) {
            return;
        }
        Names<Sourced<LimitsRow>> series = new Names<>(
                some,
                List.of(Sourced::source, row -> row.row().limit()),
                some.getFirst().row().limit());
        Chart lines = Plots.overNumbers(
                Kind.LINES,
                title + " by threads",
                "threads",
                unit,
                some,
                series::of,
                row -> Point.at(row.row().threads(), best(row.row()), null, null));
        Chart bars = Plots.overLabels(
                Kind.BARS,
                title,
                "threads",
                unit,
                some,
                series::of,
                row -> Point.at(row.row().threads() + " threads", best(row.row()), null, null));
        sections.add(new Section(
                lines.isEmpty() ? bars : lines, "The fastest pass of each measurement, all threads together."));
    }

    private static double best(LimitsRow row) {
        Double best = row.best();
        return best == null ? 0 : best / GIGA;
    }
}
