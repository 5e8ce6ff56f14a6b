package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results for people: a row for each model and variant. */
final class VariantTable {
    private VariantTable() {}

    static String of(List<VariantResult> results) {
        List<String> tests =
                results.stream().map(VariantResult::test).distinct().toList();
        MarkdownTable table = new MarkdownTable().text("model").text("variant");
        for (String test : tests) {
            table.number(test + " tok/s").text("ratio (least to most)");
        }
        Map<List<String>, List<VariantResult>> rows = new LinkedHashMap<>();
        for (VariantResult result : results) {
            rows.computeIfAbsent(List.of(result.model(), result.variant().name()), row -> new ArrayList<>())
                    .add(result);
        }
        rows.values().forEach(row -> table.row(cells(row)));
        return head(results) + table + "\nMedians of "
                + results.getFirst().speeds().size()
                + " rounds; ratio: to the first variant in the same round. The lines on top are of the first"
                + " variant.\n" + reasons(results);
    }

    /** Of the first variant, whose build and settings the others change. */
    private static String head(List<VariantResult> results) {
        Machine machine = results.getFirst().machine();
        return machine == null
                ? "- machine: " + results.getFirst().cpuInfo() + "\n\n"
                : MarkdownHead.machine(machine) + "\n";
    }

    private static String[] cells(List<VariantResult> row) {
        List<String> cells = new ArrayList<>();
        cells.add(String.valueOf(Path.of(row.getFirst().model()).getFileName()));
        cells.add(row.getFirst().variant().name());
        for (VariantResult result : row) {
            Double speed = result.medianSpeed();
            Double ratio = result.medianRatio();
            cells.add(speed == null ? inShort(result) : MarkdownTable.number(speed, 2));
            cells.add(
                    ratio == null
                            ? ""
                            : "%s (%s to %s)"
                                    .formatted(
                                            MarkdownTable.number(ratio, 3),
                                            MarkdownTable.number(Collections.min(result.ratios()), 3),
                                            MarkdownTable.number(Collections.max(result.ratios()), 3)));
        }
        return cells.toArray(String[]::new);
    }

    private static String inShort(VariantResult result) {
        return String.valueOf(result.notMeasured()).replaceFirst(",.*", "");
    }

    private static String reasons(List<VariantResult> results) {
        StringBuilder reasons = new StringBuilder();
        results.stream()
                .filter(result -> result.notMeasured() != null)
                .map(result -> "- " + result.variant().name() + ": " + result.notMeasured() + "\n")
                .distinct()
                .forEach(reasons::append);
        return reasons.isEmpty() ? "" : "\n" + reasons;
    }
}
