package dev.llamapanama.bench.requests;

import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.statistics.PairedRatio;
import java.util.List;
import java.util.Optional;

/** Rows as a table, with what the engine's figures are of the server's in each round. */
final class RequestsReport {
    private RequestsReport() {}

    static String table(List<RequestsRow> rows) {
        MarkdownTable table = new MarkdownTable()
                .text("scene")
                .text("figure")
                .text("target")
                .number("median")
                .number("of llama-server (95 %)");
        for (RequestsRow row : rows) {
            table.row(row.scene(), row.figure(), row.target(), MarkdownTable.number(row.value(), 1), ratio(row, rows));
        }
        return table.toString();
    }

    private static String ratio(RequestsRow row, List<RequestsRow> rows) {
        Optional<RequestsRow> server = rows.stream()
                .filter(other -> other.target().equals(RequestsCommand.SERVER)
                        && other.scene().equals(row.scene())
                        && other.figure().equals(row.figure()))
                .findFirst();
        if (server.isEmpty() || server.get() == row) {
            return "";
        }
        return PairedRatio.of(row.samples(), server.get().samples()).toString();
    }
}
