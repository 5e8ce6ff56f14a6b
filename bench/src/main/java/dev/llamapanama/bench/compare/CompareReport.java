package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.statistics.Statistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A comparison for people. */
final class CompareReport {
    private static final List<Column> COLUMNS = List.of(
            new Column("model", row -> String.valueOf(Path.of(row.model()).getFileName())),
            new Column("n_batch", row -> String.valueOf(row.nBatch())),
            new Column("n_ubatch", row -> String.valueOf(row.nUbatch())),
            new Column("type_kv", Comparison::typeKv),
            new Column("fa", Comparison::flashAttn));

    private CompareReport() {}

    /** A column that is a line above the table where it never changes; the model's never is. */
    private record Column(String title, Function<Comparison, String> cell) {
        boolean shown(List<Comparison> rows) {
            return title.equals("model") || rows.stream().map(cell).distinct().count() > 1;
        }
    }

    /** What was compared, the table, and how to read it. */
    static String of(List<Comparison> rows) {
        List<Column> columns =
                COLUMNS.stream().filter(column -> column.shown(rows)).toList();
        MarkdownTable table = new MarkdownTable();
        columns.forEach(column -> table.text(column.title));
        table.number("threads")
                .text("test")
                .text("peer")
                .number("engine tok/s")
                .number("peer tok/s")
                .number("ratio")
                .number("95 % interval")
                .number("least")
                .number("most")
                .number("pairs");
        for (Comparison row : rows) {
            List<String> cells = new ArrayList<>(
                    columns.stream().map(column -> column.cell.apply(row)).toList());
            cells.add(String.valueOf(row.threads()));
            cells.add(row.test());
            cells.add(row.peer());
            cells.add(MarkdownTable.number(Statistics.median(Statistics.doubles(row.engineTs())), 2));
            cells.add(MarkdownTable.number(Statistics.median(Statistics.doubles(row.peerTs())), 2));
            cells.add(ratio(row.medianRatio()));
            cells.add(
                    row.ratioLow() == null || row.ratioHigh() == null
                            ? "too few pairs"
                            : ratio(row.ratioLow()) + " to " + ratio(row.ratioHigh()));
            cells.add(ratio(row.leastRatio()));
            cells.add(ratio(row.mostRatio()));
            cells.add(String.valueOf(row.ratios().size()));
            table.row(cells.toArray(String[]::new));
        }
        StringBuilder text = new StringBuilder();
        rows.stream()
                .flatMap(row ->
                        Stream.of("engine: " + row.engineDescription(), row.peer() + ": " + row.peerDescription()))
                .distinct()
                .forEach(line -> text.append("- ").append(line).append('\n'));
        COLUMNS.stream()
                .filter(column -> !column.shown(rows))
                .map(column -> column.title + " " + column.cell.apply(rows.getFirst()))
                .reduce((before, setting) -> before + ", " + setting)
                .ifPresent(
                        settings -> text.append("- settings: ").append(settings).append('\n'));
        int samples = rows.getFirst().samples();
        return text.append('\n')
                .append(table)
                .append('\n')
                .append("""
                        Speeds, and the ratio engine / peer of each pair, are medians; a side's speed in a pair is that of one process,
                        %s. The interval holds the median of all possible pairs with %.0f %% confidence
                        or more, whatever their distribution, if pairs are independent; it takes 6 pairs.
                        """.formatted(
                                samples == 1
                                        ? "measured once after a warm-up"
                                        : "the median of " + samples + " measurements after a warm-up",
                                100 * Comparison.CONFIDENCE))
                .toString();
    }

    private static String ratio(double value) {
        return MarkdownTable.number(value, 3);
    }
}
