package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.statistics.Statistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A throughput run for people. */
final class ThroughputReport {
    private static final String CEILING_NOTE = """
            Ceiling: the speed if generation did nothing but read weights, keys and values at the machine's read bandwidth,
            and prompt processing nothing but multiply at its peak, both measured with as many threads. More than 100 %: the
            weights came from a cache, or the machine was busy when its ceilings were measured.
            """;

    private ThroughputReport() {}

    /** The models, and a table of the results; columns that never change are left out. */
    static String results(List<BenchResult> results) {
        StringBuilder text = new StringBuilder();
        results.stream().map(ThroughputReport::model).distinct().forEach(text::append);
        List<Column> columns = List.of(
                new Column(
                        "model",
                        result -> String.valueOf(Path.of(result.modelFilename()).getFileName())),
                new Column("n_batch", result -> String.valueOf(result.nBatch())),
                new Column("n_ubatch", result -> String.valueOf(result.nUbatch())),
                new Column("type_kv", BenchResult::typeK),
                new Column("fa", result -> String.valueOf(result.flashAttn())));
        List<Column> shown =
                columns.stream().filter(column -> column.varies(results)).toList();
        MarkdownTable table = new MarkdownTable();
        shown.forEach(column -> table.text(column.title));
        boolean ceilings = results.stream().anyMatch(result -> result.ceilingShare() != null);
        table.number("threads").text("test").number("tok/s").number("median").number("time to first token");
        if (ceilings) {
            table.number("ceiling tok/s").number("share");
        }
        for (BenchResult result : results) {
            List<String> cells = new ArrayList<>(
                    shown.stream().map(c -> c.cell.apply(result)).toList());
            cells.add(String.valueOf(result.nThreads()));
            cells.add(result.test());
            cells.add(plusMinus(result.avgTs(), result.stddevTs(), 2));
            cells.add(MarkdownTable.number(Statistics.median(Statistics.doubles(result.samplesTs())), 2));
            cells.add(timeToFirstToken(result));
            if (ceilings) {
                cells.addAll(ceiling(result));
            }
            table.row(cells.toArray(String[]::new));
        }
        return text.append('\n')
                .append(table)
                .append('\n')
                .append("""
                pp: prompt processing; tg: generation, one token at a time; @ d: with so many tokens in the context already.
                tok/s: mean and standard deviation of %d repetitions; median: their median. Time to first token: from the first prompt token handed to
                the engine until the first token is sampled, with the default sampler chain.
                """.formatted(results.getFirst().samplesNs().size()))
                .append(ceilings ? CEILING_NOTE : "")
                .toString();
    }

    private static List<String> ceiling(BenchResult result) {
        Double most = result.ceilingTs();
        Double share = result.ceilingShare();
        return most == null || share == null
                ? List.of("", "")
                : List.of(
                        MarkdownTable.number(most, 2) + " (" + result.ceiling() + ")",
                        MarkdownTable.number(100 * share, 1) + " %");
    }

    private record Column(String title, Function<BenchResult, String> cell) {
        boolean varies(List<BenchResult> results) {
            return results.stream().map(cell).distinct().count() > 1;
        }
    }

    private static String model(BenchResult result) {
        return MarkdownHead.model(
                result.modelType(), result.modelSize(), result.modelNParams(), result.modelFilename());
    }

    private static String timeToFirstToken(BenchResult result) {
        List<Long> samples = result.ttftNs();
        if (samples == null) {
            return "";
        }
        double[] milliseconds = samples.stream().mapToDouble(ns -> ns / 1e6).toArray();
        return plusMinus(Statistics.mean(milliseconds), Statistics.standardDeviation(milliseconds), 1) + " ms";
    }

    private static String plusMinus(double mean, double deviation, int digits) {
        return MarkdownTable.number(mean, digits) + " ± " + MarkdownTable.number(deviation, digits);
    }
}
