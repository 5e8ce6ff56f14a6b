package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.bench.report.ThroughputRow;
import dev.llamapanama.bench.statistics.Statistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** Plots of {@code throughput} and of llama-bench. */
final class ThroughputSections {
    /** A relative standard deviation from which on readers are warned. */
    private static final double NOISY = 0.05;

    private static final List<Function<Sourced<ThroughputRow>, String>> SETTINGS = List.of(
            row -> "n_batch " + result(row).nBatch(),
            row -> "n_ubatch " + result(row).nUbatch(),
            row -> "KV " + result(row).typeK(),
            row -> "fa " + result(row).flashAttn());

    private final List<Sourced<ThroughputRow>> rows;

    ThroughputSections(List<Sourced<ThroughputRow>> rows) {
        this.rows = rows;
    }

    static BenchResult result(Sourced<ThroughputRow> row) {
        return row.row().result();
    }

    static String model(Sourced<ThroughputRow> row) {
        return ResultRow.fileName(result(row).modelFilename());
    }

    private static String test(Sourced<ThroughputRow> row) {
        return result(row).test();
    }

    private static String testWithoutDepth(Sourced<ThroughputRow> row) {
        return TestSpec.name(result(row).nPrompt(), result(row).nGen(), 0);
    }

    static String threads(Sourced<ThroughputRow> row) {
        int threads = result(row).nThreads();
        return threads == 1 ? "1 thread" : threads + " threads";
    }

    /** The plots for which there are rows. */
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        add(sections, "Prompt processing", only(result -> result.nGen() == 0));
        add(sections, "Generation", only(result -> result.nPrompt() == 0));
        add(sections, "Prompt processing and generation", only(result -> result.nPrompt() > 0 && result.nGen() > 0));
        addShares(sections);
        return sections;
    }

    private List<Sourced<ThroughputRow>> only(Predicate<BenchResult> condition) {
        return rows.stream().filter(row -> condition.test(result(row))).toList();
    }

    private void add(List<Section> sections, String title, List<Sourced<ThroughputRow>> some) {
        if (some.isEmpty()) {
            return;
        }
        sections.add(new Section(bars(title, "tok/s", some, ThroughputSections::speed), List.of(), table(some)));
        addLines(
                sections,
                title + " by threads",
                "threads",
                some,
                List.of(ThroughputSections::test),
                BenchResult::nThreads);
        addLines(
                sections,
                title + " by depth",
                "tokens in the context",
                some,
                List.of(ThroughputSections::testWithoutDepth, ThroughputSections::threads),
                BenchResult::nDepth);
    }

    private Chart bars(
            String title,
            String unit,
            List<Sourced<ThroughputRow>> some,
            Function<Sourced<ThroughputRow>, Point> point) {
        Names<Sourced<ThroughputRow>> series =
                new Names<>(some, List.of(Sourced::source, ThroughputSections::model), unit);
        Names<Sourced<ThroughputRow>> settings =
                new Names<>(some, withSettings(List.of(ThroughputSections::threads)), "");
        return Plots.overLabels(Kind.BARS, title, "test", unit, some, series::of, row -> {
            String more = settings.of(row);
            Point bare = point.apply(row);
            String label = more.isEmpty() ? test(row) : test(row) + ", " + more;
            return Point.at(label, bare.value(), bare.low(), bare.high()).withSamples(bare.samples());
        });
    }

    private static void addLines(
            List<Section> sections,
            String title,
            String xTitle,
            List<Sourced<ThroughputRow>> some,
            List<Function<Sourced<ThroughputRow>, String>> others,
            ToIntFunction<BenchResult> x) {
        List<Function<Sourced<ThroughputRow>, String>> properties =
                new ArrayList<>(List.of(Sourced::source, ThroughputSections::model));
        properties.addAll(withSettings(others));
        Names<Sourced<ThroughputRow>> series = new Names<>(some, properties, testWithoutDepth(some.getFirst()));
        Chart chart = Plots.overNumbers(Kind.LINES, title, xTitle, "tok/s", some, series::of, row -> {
            Point speed = speed(row);
            return Point.at(x.applyAsInt(result(row)), speed.value(), speed.low(), speed.high());
        });
        if (!chart.isEmpty()) {
            sections.add(new Section(chart));
        }
    }

    /** Properties that name a row, and what else may differ. */
    static List<Function<Sourced<ThroughputRow>, String>> withSettings(
            List<Function<Sourced<ThroughputRow>, String>> properties) {
        return Stream.concat(properties.stream(), SETTINGS.stream()).toList();
    }

    private void addShares(List<Section> sections) {
        List<Sourced<ThroughputRow>> some =
                rows.stream().filter(row -> row.row().ceilingShare() != null).toList();
        if (some.isEmpty()) {
            return;
        }
        Chart chart = bars("Share of the machine's ceiling", "%", some, row -> {
            Double share = row.row().ceilingShare();
            return Point.at("", share == null ? 0 : 100 * share, null, null);
        });
        sections.add(new Section(
                chart.withLine(100),
                "100 % is what this machine was measured to be able to do at most: generation is bound by reading memory, prompt"
                        + " processing by multiplying."));
    }

    /** The median with the least and the greatest sample. */
    private static Point speed(Sourced<ThroughputRow> row) {
        List<Double> samples = result(row).samplesTs();
        boolean several = samples != null && samples.size() > 1;
        return Point.at(
                        "",
                        row.row().speed(),
                        several ? Collections.min(samples) : null,
                        several ? Collections.max(samples) : null)
                .withSamples(samples);
    }

    private static HtmlTable table(List<Sourced<ThroughputRow>> some) {
        Names<Sourced<ThroughputRow>> names =
                new Names<>(some, withSettings(List.of(Sourced::source, ThroughputSections::model)), "");
        boolean named = some.stream().anyMatch(row -> !names.of(row).isEmpty());
        boolean firstTokens = some.stream().anyMatch(row -> result(row).avgTtftNs() != null);
        HtmlTable table = named ? new HtmlTable().text("what") : new HtmlTable();
        table.text("test")
                .number("threads")
                .number("median tok/s")
                .number("mean ± deviation")
                .number("samples");
        if (firstTokens) {
            table.number("first token, ms");
        }
        for (Sourced<ThroughputRow> row : some) {
            BenchResult result = result(row);
            List<String> cells = new ArrayList<>();
            if (named) {
                cells.add(names.of(row));
            }
            cells.add(result.test());
            cells.add(String.valueOf(result.nThreads()));
            cells.add(Numbers.plain(row.row().speed()));
            cells.add(Numbers.plain(result.avgTs()) + " ± " + Numbers.plain(result.stddevTs()));
            cells.add(
                    result.samplesTs() == null
                            ? ""
                            : String.valueOf(result.samplesTs().size()));
            if (firstTokens) {
                Long nanoseconds = result.avgTtftNs();
                cells.add(nanoseconds == null ? "" : MarkdownTable.number(nanoseconds / 1e6, 1));
            }
            table.row(cells);
        }
        return table;
    }

    /** Warnings about samples that differ much, or that are alone. */
    List<String> noise() {
        List<String> notes = new ArrayList<>();
        List<Sourced<ThroughputRow>> noisy =
                rows.stream().filter(row -> deviation(row) > NOISY).toList();
        if (!noisy.isEmpty()) {
            double worst = noisy.stream()
                    .mapToDouble(ThroughputSections::deviation)
                    .max()
                    .orElseThrow();
            notes.add(
                    "Noise: in %d of %d tests the standard deviation is above %.0f %% of the mean, up to %.0f %%; smaller"
                                    .formatted(noisy.size(), rows.size(), 100 * NOISY, 100 * worst)
                            + " differences say nothing.");
        }
        long once = rows.stream()
                .filter(row -> result(row).samplesTs() == null
                        || result(row).samplesTs().size() == 1)
                .count();
        if (once > 0) {
            notes.add(
                    "%d of %d tests were measured once: how much they vary is not known.".formatted(once, rows.size()));
        }
        return notes;
    }

    private static double deviation(Sourced<ThroughputRow> row) {
        List<Double> samples = result(row).samplesTs();
        if (samples == null || samples.isEmpty()) {
            return 0;
        }
        double[] values = Statistics.doubles(samples);
        return Statistics.standardDeviation(values) / Statistics.mean(values);
    }
}
