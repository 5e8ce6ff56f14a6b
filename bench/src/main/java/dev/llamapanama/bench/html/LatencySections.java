package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.report.LatencyRow;
import dev.llamapanama.bench.report.ResultRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** Plots of {@code latency}. */
final class LatencySections {
    private static final double NS_PER_MS = 1e6;
    private static final String FIRST_TOKEN = "Time to first token";

    private static final List<Function<Sourced<LatencyRow>, String>> SETTINGS = List.of(
            Sourced::source,
            row -> ResultRow.fileName(row.row().modelFilename()),
            row -> row.row().nThreads() + " threads");

    private final List<Sourced<LatencyRow>> firstTokens;
    private final List<Sourced<LatencyRow>> loads;

    LatencySections(List<Sourced<LatencyRow>> rows) {
        List<Sourced<LatencyRow>> measured =
                rows.stream().filter(row -> row.row().medianNs() != null).toList();
        firstTokens = measured.stream()
                .filter(row -> row.row().measure().equals("TTFT"))
                .toList();
        loads = measured.stream()
                .filter(row -> !row.row().measure().equals("TTFT"))
                .toList();
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        if (!firstTokens.isEmpty()) {
            Chart byLength =
                    lines("prompt length", "tokens of the prompt", LatencySections::cached, LatencyRow::nPrompt);
            Chart byShare = lines(
                    "cached share",
                    "% of the prompt in the KV cache",
                    row -> "prompt of " + row.nPrompt() + " tokens",
                    LatencySections::percent);
            Stream.of(byLength, byShare)
                    .filter(chart -> !chart.isEmpty())
                    .forEach(chart -> sections.add(new Section(
                            chart,
                            "Median, least and greatest of the repetitions; with 100 % all but the last token.")));
            if (sections.isEmpty()) {
                sections.add(bars(
                        FIRST_TOKEN, firstTokens, row -> "prompt of " + row.nPrompt() + " tokens, " + cached(row)));
            }
        }
        if (!loads.isEmpty()) {
            sections.add(bars(
                    "Loads and first decodes",
                    loads,
                    row -> row.measure().toLowerCase(Locale.ROOT).replace('_', ' ')));
        }
        return sections;
    }

    /** The command leaves a token to decode, whatever the share. */
    private static int percent(LatencyRow row) {
        return row.nPrompt() > 1 && row.nCached() == row.nPrompt() - 1
                ? 100
                : (int) Math.round(100.0 * row.nCached() / row.nPrompt());
    }

    private static String cached(LatencyRow row) {
        return percent(row) + " % cached";
    }

    private Chart lines(
            String title, String xTitle, Function<LatencyRow, String> property, ToIntFunction<LatencyRow> x) {
        Names<Sourced<LatencyRow>> series = new Names<>(
                firstTokens,
                Stream.concat(Stream.of(row -> property.apply(row.row())), SETTINGS.stream())
                        .toList(),
                property.apply(firstTokens.getFirst().row()));
        return Plots.overNumbers(
                Kind.LINES, FIRST_TOKEN + " by " + title, xTitle, "ms", firstTokens, series::of, row -> {
                    Point time = time("", row.row());
                    return Point.at(x.applyAsInt(row.row()), time.value(), time.low(), time.high());
                });
    }

    private static Section bars(String title, List<Sourced<LatencyRow>> rows, Function<LatencyRow, String> label) {
        Names<Sourced<LatencyRow>> series = new Names<>(rows, SETTINGS, "median");
        return new Section(Plots.overLabels(
                Kind.BARS, title, "what", "ms", rows, series::of, row -> time(label.apply(row.row()), row.row())));
    }

    private static Point time(String label, LatencyRow row) {
        List<Long> samples = row.samplesNs();
        Long median = row.medianNs();
        double value = median == null ? 0 : median / NS_PER_MS;
        return samples == null || samples.size() < 2
                ? Point.at(label, value, null, null)
                : Point.at(label, value, Collections.min(samples) / NS_PER_MS, Collections.max(samples) / NS_PER_MS);
    }
}
