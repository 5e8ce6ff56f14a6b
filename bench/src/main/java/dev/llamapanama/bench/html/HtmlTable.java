package dev.llamapanama.bench.html;

import java.util.ArrayList;
import java.util.List;

/** A table of a page. Not thread-safe. */
final class HtmlTable {
    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private record Column(String title, boolean number) {}

    /** Adds a column of words. */
    HtmlTable text(String title) {
        columns.add(new Column(title, false));
        return this;
    }

    /** Adds a column of numbers, which is aligned to the right. */
    HtmlTable number(String title) {
        columns.add(new Column(title, true));
        return this;
    }

    /** Adds a row: one cell for each column. */
    void row(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + columns.size() + " columns");
        }
        rows.add(List.copyOf(cells));
    }

    /** The element, in a box that scrolls by itself where it is too wide. */
    String html(String label) {
        StringBuilder html = new StringBuilder("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
                .append(Html.text(label))
                .append("\"><table>\n<thead><tr>");
        for (Column column : columns) {
            html.append("<th scope=\"col\"").append(style(column)).append('>');
            html.append(Html.text(column.title)).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                html.append("<td").append(style(columns.get(i))).append('>');
                html.append(Html.text(row.get(i))).append("</td>");
            }
            html.append("</tr>\n");
        }
        return html.append("</tbody>\n</table></div>\n").toString();
    }

    private static String style(Column column) {
        return column.number ? " class=\"number\"" : "";
    }
}
