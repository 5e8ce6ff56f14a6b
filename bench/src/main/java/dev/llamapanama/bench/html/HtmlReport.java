package dev.llamapanama.bench.html;

import dev.llamapanama.bench.history.HistoryEntry;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.LatencyRow;
import dev.llamapanama.bench.report.LimitsRow;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.RatioRow;
import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.ResultRow;
import dev.llamapanama.bench.report.StartupRow;
import dev.llamapanama.bench.report.StreamsRow;
import dev.llamapanama.bench.report.ThroughputRow;
import dev.llamapanama.bench.report.VariantRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Results as a page with plots. */
public final class HtmlReport {
    private static final double GIB = 1 << 30;

    private HtmlReport() {}

    /** The page of one throughput run. */
    public static String of(List<BenchResult> results) {
        return of(List.of(ResultFile.of("this run", results)), List.of(), List.of());
    }

    /**
     * The page of several runs.
     *
     * @param history from old to new; empty for none
     * @param notes to stand above
     */
    static String of(List<ResultFile> files, List<HistoryEntry> history, List<String> notes) {
        var rows = Sourced.rows(files, ThroughputRow.class);
        ThroughputSections throughput = new ThroughputSections(rows);
        List<Section> sections = new ArrayList<>();
        sections.addAll(new RatioSections(Sourced.rows(files, RatioRow.class)).sections());
        sections.addAll(throughput.sections());
        sections.addAll(new RooflineSections(rows).sections());
        sections.addAll(new StreamsSections(Sourced.rows(files, StreamsRow.class)).sections());
        sections.addAll(new LatencySections(Sourced.rows(files, LatencyRow.class)).sections());
        sections.addAll(new StartupSections(Sourced.rows(files, StartupRow.class)).sections());
        sections.addAll(new VariantSections(Sourced.rows(files, VariantRow.class)).sections());
        sections.addAll(new LimitsSections(Sourced.rows(files, LimitsRow.class)).sections());
        sections.addAll(new HistorySections(history).sections());
        List<String> allNotes = Stream.of(
                        throughput.noise(),
                        files.stream().flatMap(file -> file.notes().stream()).toList(),
                        notes)
                .flatMap(List::stream)
                .toList();
        return Page.html("llamapanama bench", head(files) + Html.list(allNotes), sections);
    }

    private static String head(List<ResultFile> files) {
        StringBuilder html = new StringBuilder();
        List<Machine> before = List.of();
        for (ResultFile file : files) {
            List<Machine> machines = file.rows().stream()
                    .map(ResultRow::machine)
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            html.append("<h2>").append(Html.text(file.name())).append("</h2>\n<dl>\n");
            if (machines.isEmpty()) {
                item(html, "Machine", processors(file));
            } else if (machines.equals(before)) {
                item(html, "Machine", "as above");
            } else {
                machines.forEach(machine -> machine(html, machine));
                before = machines;
            }
            file.rows().stream()
                    .map(HtmlReport::model)
                    .filter(Objects::nonNull)
                    .distinct()
                    .forEach(model -> item(html, "Model", model));
            file.rows().stream()
                    .map(ResultRow::testTime)
                    .filter(Objects::nonNull)
                    .min(String::compareTo)
                    .ifPresent(time -> item(html, "Measured", time));
            file.rows().stream()
                    .map(ResultRow::command)
                    .filter(Objects::nonNull)
                    .distinct()
                    .forEach(command -> html.append("<dt>Command</dt><dd><code>")
                            .append(Html.text(command))
                            .append("</code></dd>\n"));
            html.append("</dl>\n");
        }
        return html.toString();
    }

    private static void machine(StringBuilder html, Machine machine) {
        item(
                html,
                "Machine",
                "%s, %d cores, %d hardware threads, %s GiB of memory"
                        .formatted(
                                machine.cpu(),
                                machine.physicalCores(),
                                machine.logicalCores(),
                                MarkdownTable.number(machine.memoryBytes() / GIB, 1)));
        item(html, "CPU features in use", String.join(" ", machine.features()));
        item(
                html,
                "Build",
                "llamapanama %s; llama.cpp %s, %s (%s build, %s)"
                        .formatted(
                                machine.commit(),
                                machine.llamaCppVersion(),
                                machine.cpuLibrary(),
                                machine.profile(),
                                machine.openMp() ? "OpenMP" : "ggml's own threads"));
        item(html, "Kernels", machine.kernels() == null ? "the results do not say" : machine.kernels());
        item(html, "JVM", machine.jvm());
    }

    /** What rows of other tools say of the machine. */
    private static String processors(ResultFile file) {
        String names = file.rows().stream()
                .flatMap(row -> row instanceof ThroughputRow throughput
                        ? Stream.of(throughput.result().cpuInfo())
                        : Stream.empty())
                .distinct()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "the results do not say" : names;
    }

    private static @Nullable String model(ResultRow row) {
        return switch (row) {
            case ThroughputRow throughput ->
                "%s, %s, %s GiB"
                        .formatted(
                                ResultRow.fileName(throughput.result().modelFilename()),
                                throughput.result().modelType(),
                                MarkdownTable.number(throughput.result().modelSize() / GIB, 2));
            case StreamsRow streams ->
                streams.modelFilename() == null ? null : ResultRow.fileName(streams.modelFilename());
            case RatioRow ratio -> ResultRow.fileName(ratio.model());
            case LatencyRow latency -> ResultRow.fileName(latency.modelFilename());
            case StartupRow startup -> ResultRow.fileName(startup.modelFilename());
            case VariantRow variant -> ResultRow.fileName(variant.model());
            case LimitsRow _ -> null;
        };
    }

    private static void item(StringBuilder html, String name, String value) {
        html.append("<dt>")
                .append(Html.text(name))
                .append("</dt><dd>")
                .append(Html.text(value))
                .append("</dd>\n");
    }
}
