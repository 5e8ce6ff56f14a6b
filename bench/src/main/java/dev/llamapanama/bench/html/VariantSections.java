package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.VariantRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Plots of {@code variants}, one for each test. */
final class VariantSections {
    private final List<Sourced<VariantRow>> rows;

    VariantSections(List<Sourced<VariantRow>> rows) {
        this.rows = rows;
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        for (String test : rows.stream().map(row -> row.row().test()).distinct().toList()) {
            List<Sourced<VariantRow>> measured = rows.stream()
                    .filter(row -> row.row().test().equals(test) && row.row().medianSpeed() != null)
                    .toList();
            if (!measured.isEmpty()) {
                sections.add(section(test, measured));
            }
        }
        return sections;
    }

    private Section section(String test, List<Sourced<VariantRow>> measured) {
        Names<Sourced<VariantRow>> series = new Names<>(
                measured,
                List.of(Sourced::source, row -> ResultRow.fileName(row.row().model())),
                test);
        Chart chart = Plots.overLabels(
                Kind.BARS, "Variants: " + test, "variant", "tok/s", measured, series::of, row -> point(row.row()));
        List<String> notes = new ArrayList<>(List.of(
                "Median, least and greatest of the rounds. What a variant is worth is told by its ratio to the first one in the"
                        + " same round, in the table."));
        rows.stream()
                .map(Sourced::row)
                .filter(row -> row.test().equals(test) && row.notMeasured() != null)
                .map(row -> row.variant().name() + ": " + row.notMeasured())
                .distinct()
                .forEach(notes::add);
        return new Section(chart, notes, table(measured, series));
    }

    private static Point point(VariantRow row) {
        Double median = row.medianSpeed();
        double value = median == null ? 0 : median;
        List<Double> speeds = row.speeds();
        return speeds == null || speeds.size() < 2
                ? Point.at(row.variant().name(), value, null, null)
                : Point.at(row.variant().name(), value, Collections.min(speeds), Collections.max(speeds))
                        .withSamples(speeds);
    }

    private static HtmlTable table(List<Sourced<VariantRow>> measured, Names<Sourced<VariantRow>> series) {
        HtmlTable table = new HtmlTable()
                .text("series")
                .text("variant")
                .number("median tok/s")
                .number("median ratio");
        for (Sourced<VariantRow> row : measured) {
            table.row(List.of(
                    series.of(row),
                    row.row().variant().name(),
                    Numbers.plainOrEmpty(row.row().medianSpeed()),
                    Numbers.plainOrEmpty(row.row().medianRatio())));
        }
        return table;
    }
}
