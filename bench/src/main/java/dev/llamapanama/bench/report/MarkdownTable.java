package dev.llamapanama.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A table that reads well both as Markdown and on a terminal: columns are padded to equal width. */
public final class MarkdownTable {
    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private record Column(String title, boolean right) {}

    /** Adds a column of words. */
    public MarkdownTable text(String title) {
        columns.add(new Column(title, false));
        return this;
    }

    /** Adds a column of numbers, which is aligned to the right. */
    public MarkdownTable number(String title) {
        columns.add(new Column(title, true));
        return this;
    }

    /** A number with so many digits after the point. */
    public static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** Adds a row: one cell for each column. */
    public void row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        int[] widths = IntStream.range(0, columns.size()).map(this::width).toArray();
        StringBuilder text = new StringBuilder();
        line(text, columns.stream().map(Column::title).toList(), widths);
        for (int i = 0; i < widths.length; i++) {
            text.append("| ").append("-".repeat(widths[i] - 1)).append(columns.get(i).right ? ": " : "- ");
        }
        text.append("|\n");
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private int width(int column) {
        int cells =
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        return Math.max(Math.max(cells, columns.get(column).title.length()), 3);
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            boolean right = columns.get(i).right;
            text.append("| ")
                    .append(right ? padding + cells.get(i) : cells.get(i) + padding)
                    .append(' ');
        }
        text.append("|\n");
    }
}
