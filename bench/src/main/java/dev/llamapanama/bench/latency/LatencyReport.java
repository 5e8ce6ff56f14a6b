package dev.llamapanama.bench.latency;

import dev.llamapanama.bench.latency.LatencyResult.Measure;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A latency run for people. */
final class LatencyReport {
    private LatencyReport() {}

    static String of(Machine machine, List<LatencyResult> results) {
        List<LatencyResult> loads =
                results.stream().filter(row -> row.measure() != Measure.TTFT).toList();
        List<LatencyResult> firstTokens =
                results.stream().filter(row -> row.measure() == Measure.TTFT).toList();
        return MarkdownHead.machine(machine)
                + (loads.isEmpty() ? "" : "\n" + loads(loads))
                + (firstTokens.isEmpty() ? "" : "\n" + firstTokens(firstTokens))
                + "\nMedians and 95th percentiles of the repetitions, in milliseconds. In memory: tokens of the prompt"
                + " that were\nin the KV cache before.\n";
    }

    private static String loads(List<LatencyResult> rows) {
        MarkdownTable table = new MarkdownTable()
                .text("model")
                .number("threads")
                .text("what")
                .number("median")
                .number("p95");
        for (LatencyResult row : rows) {
            table.row(
                    name(row),
                    String.valueOf(row.nThreads()),
                    row.measure().title() + (row.notMeasured() == null ? "" : " (" + row.notMeasured() + ")"),
                    milliseconds(row.medianNs()),
                    milliseconds(row.p95Ns()));
        }
        return table.toString();
    }

    private static String firstTokens(List<LatencyResult> rows) {
        MarkdownTable table = new MarkdownTable()
                .text("model")
                .number("threads")
                .number("prompt")
                .number("in memory")
                .number("decoded")
                .number("time to first token")
                .number("p95");
        for (LatencyResult row : rows) {
            table.row(
                    name(row),
                    String.valueOf(row.nThreads()),
                    String.valueOf(row.nPrompt()),
                    String.valueOf(row.nCached()),
                    String.valueOf(row.nDecoded()),
                    milliseconds(row.medianNs()),
                    milliseconds(row.p95Ns()));
        }
        return table.toString();
    }

    private static String name(LatencyResult row) {
        return String.valueOf(Path.of(row.modelFilename()).getFileName());
    }

    private static String milliseconds(@Nullable Long nanoseconds) {
        return nanoseconds == null ? "" : String.format(Locale.ROOT, "%.2f", nanoseconds / 1e6);
    }
}
