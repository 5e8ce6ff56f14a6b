package dev.llamapanama.bench.history;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.LatencyRow;
import dev.llamapanama.bench.report.LimitsRow;
import dev.llamapanama.bench.report.RatioRow;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.Settings;
import dev.llamapanama.bench.report.StartupRow;
import dev.llamapanama.bench.report.StreamsRow;
import dev.llamapanama.bench.report.ThroughputRow;
import dev.llamapanama.bench.report.VariantRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number of the history: the median of a test.
 *
 * @param kind what is measured: {@code prompt}, {@code generation}, {@code both}, {@code streams prompt}, {@code streams
 *     generation}, {@code inter-token latency p95}, {@code ratio to} a program; a later version may know more
 * @param test name of the test
 * @param model name of the model's file, without folders
 * @param threads threads that compute
 * @param settings others than llama-bench's defaults; null for none
 * @param unit {@code tok/s}, {@code ms} or {@code ratio}
 * @param low lower end of a ratio's confidence interval
 * @param high upper end of a ratio's confidence interval
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figure(
        String kind,
        String test,
        String model,
        int threads,
        @Nullable String settings,
        String unit,
        double value,
        @Nullable Double low,
        @Nullable Double high) {
    private static final double NS_PER_MS = 1e6;

    /** The figures of a row; none of kinds that the history does not keep. */
    static List<Figure> of(ResultRow row) {
        return switch (row) {
            case ThroughputRow throughput -> List.of(of(throughput));
            case StreamsRow streams -> of(streams);
            case RatioRow ratio ->
                List.of(new Figure(
                        "ratio to " + (ratio.peer() == null ? "llama-bench" : ratio.peer()),
                        ratio.test(),
                        ResultRow.fileName(ratio.model()),
                        ratio.threads(),
                        settings(ratio.settings()),
                        "ratio",
                        ratio.medianRatio(),
                        ratio.ratioLow(),
                        ratio.ratioHigh()));
            case LatencyRow _, StartupRow _, LimitsRow _, VariantRow _ -> List.of();
        };
    }

    private static Figure of(ThroughputRow row) {
        BenchResult result = row.result();
        String kind = result.nGen() == 0 ? "prompt" : result.nPrompt() == 0 ? "generation" : "both";
        return new Figure(
                kind,
                result.test(),
                ResultRow.fileName(result.modelFilename()),
                result.nThreads(),
                settings(row.settings()),
                "tok/s",
                row.speed(),
                null,
                null);
    }

    private static @Nullable String settings(Settings settings) {
        return settings.unusual().isEmpty() ? null : settings.unusual();
    }

    private static List<Figure> of(StreamsRow row) {
        String test = "%d %s, pp%d, tg%d%s"
                .formatted(
                        row.pl(),
                        row.pl() == 1 ? "stream" : "streams",
                        row.pp(),
                        row.tg(),
                        row.isPpShared() == 1 ? ", shared prompt" : "");
        List<Figure> figures = new ArrayList<>();
        figures.add(streams("streams prompt", test, row, "tok/s", row.prompt()));
        figures.add(streams("streams generation", test, row, "tok/s", row.generation()));
        if (row.itlP95Ns() != null) {
            figures.add(streams("inter-token latency p95", test, row, "ms", row.itlP95Ns() / NS_PER_MS));
        }
        return figures;
    }

    private static Figure streams(String kind, String test, StreamsRow row, String unit, double value) {
        String model = row.modelFilename() == null ? "" : ResultRow.fileName(row.modelFilename());
        return new Figure(kind, test, model, row.nThreads(), settings(row.settings()), unit, value, null, null);
    }

    /** What tells one figure of a line from the others. */
    public String name() {
        String name =
                test + (model.isEmpty() ? "" : ", " + model) + ", " + threads + (threads == 1 ? " thread" : " threads");
        return settings == null ? name : name + ", " + settings;
    }
}
