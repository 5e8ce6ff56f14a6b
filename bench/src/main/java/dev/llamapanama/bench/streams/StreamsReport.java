package dev.llamapanama.bench.streams;

import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A streams run for people. */
final class StreamsReport {
    private StreamsReport() {}

    /** Each model with a table of its results. */
    static String results(List<StreamsResult> results) {
        Map<String, List<StreamsResult>> models = results.stream()
                .collect(Collectors.groupingBy(StreamsReport::model, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder();
        models.forEach((model, rows) ->
                text.append(model).append('\n').append(table(rows)).append('\n'));
        StreamsResult any = results.getFirst();
        return text.append("""
                %d threads, n_batch %d, n_ubatch %d, a context of %d tokens. Each stream has %s.
                Speeds are of all streams together: mean and standard deviation of %d repetitions; tok/s: prompt and generation
                together; per stream: of the column before. ITL: inter-token latency, the time of a step that gives each stream a token.
                """.formatted(
                        any.nThreads(),
                        any.nBatch(),
                        any.nUbatch(),
                        any.nKvMax(),
                        any.isPpShared() == 1 ? "a copy of one prompt, which is processed once" : "a prompt of its own",
                        measured(any.samplesTgNs()).size()))
                .toString();
    }

    private static MarkdownTable table(List<StreamsResult> results) {
        MarkdownTable table = new MarkdownTable()
                .number("streams")
                .number("prompt")
                .number("gen")
                .number("n_kv")
                .number("prompt tok/s")
                .number("per stream")
                .number("gen tok/s")
                .number("per stream")
                .number("tok/s")
                .number("ITL p50")
                .number("p95")
                .number("p99");
        results.forEach(result -> table.row(cells(result)));
        return table;
    }

    private static String model(StreamsResult result) {
        return MarkdownHead.model(
                measured(result.modelType()),
                measured(result.modelSize()),
                measured(result.modelNParams()),
                measured(result.modelFilename()));
    }

    private static String[] cells(StreamsResult result) {
        return new String[] {
            String.valueOf(result.pl()),
            String.valueOf(result.pp()),
            String.valueOf(result.tg()),
            String.valueOf(result.nKv()),
            plusMinus(result.speedPp(), measured(result.stddevSpeedPp())),
            MarkdownTable.number(measured(result.speedPpPerStream()), 2),
            plusMinus(result.speedTg(), measured(result.stddevSpeedTg())),
            MarkdownTable.number(measured(result.speedTgPerStream()), 2),
            plusMinus(result.speed(), measured(result.stddevSpeed())),
            milliseconds(measured(result.itlP50Ns())),
            milliseconds(measured(result.itlP95Ns())),
            milliseconds(measured(result.itlP99Ns()))
        };
    }

    /** A component that all of our rows have. */
    private static <T> T measured(@Nullable T value) {
        return Objects.requireNonNull(value);
    }

    private static String plusMinus(double mean, double deviation) {
        return MarkdownTable.number(mean, 2) + " ± " + MarkdownTable.number(deviation, 2);
    }

    private static String milliseconds(long nanoseconds) {
        return MarkdownTable.number(nanoseconds / 1e6, 2) + " ms";
    }
}
