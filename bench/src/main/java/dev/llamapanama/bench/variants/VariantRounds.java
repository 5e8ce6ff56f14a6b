package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Measures variants in turn: in each round each of them once, and each round begins with another one, so that what
 * changes on the machine meanwhile meets all alike. Not thread-safe.
 */
final class VariantRounds {
    private final List<Variant> variants;
    private final Collection<List<TestSpec>> testsByDepth;
    private final int rounds;
    private final Measurement measurement;
    private final Progress progress;
    private final Map<Variant, String> notMeasured = new LinkedHashMap<>();

    VariantRounds(
            List<Variant> variants, List<TestSpec> tests, int rounds, Measurement measurement, Progress progress) {
        this.variants = List.copyOf(variants);
        this.testsByDepth = byDepth(tests).values();
        this.rounds = rounds;
        this.measurement = measurement;
        this.progress = progress;
    }

    private static Map<Integer, List<TestSpec>> byDepth(List<TestSpec> tests) {
        return tests.stream()
                .distinct()
                .collect(Collectors.groupingBy(TestSpec::depth, LinkedHashMap::new, Collectors.toList()));
    }

    /** Processes that {@link #measure} starts for a model. */
    static long processes(List<Variant> variants, List<TestSpec> tests, int rounds) {
        return (long) variants.size() * byDepth(tests).size() * rounds;
    }

    /**
     * Measures a model.
     *
     * @return a result for each test and variant
     * @throws IOException if a measurement fails, or the first variant is not for this CPU
     */
    List<VariantResult> measure(Path model) throws IOException, InterruptedException {
        List<VariantResult> results = new ArrayList<>();
        for (List<TestSpec> tests : testsByDepth) {
            Map<Variant, List<List<Double>>> speeds = new LinkedHashMap<>();
            variants.forEach(variant -> speeds.put(variant, new ArrayList<>()));
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < variants.size(); i++) {
                    Variant variant = variants.get((round + i) % variants.size());
                    progress.part(
                            variant.name(), ", %s, round %d of %d".formatted(model.getFileName(), round + 1, rounds));
                    if (!notMeasured.containsKey(variant)) {
                        tryMeasuring(variant, model, tests, speeds.get(variant));
                    }
                    progress.advance(1);
                }
            }
            results.addAll(results(model, tests, speeds));
        }
        return results;
    }

    private void tryMeasuring(Variant variant, Path model, List<TestSpec> tests, List<List<Double>> speeds)
            throws IOException, InterruptedException {
        try {
            speeds.add(measurement.measure(variant, model, tests));
        } catch (CpuMismatchException e) {
            if (variant.equals(variants.getFirst())) {
                throw new IOException("The first variant, '" + variant.name() + "', is " + e.getMessage(), e);
            }
            notMeasured.put(variant, String.valueOf(e.getMessage()));
        }
    }

    private List<VariantResult> results(Path model, List<TestSpec> tests, Map<Variant, List<List<Double>>> speeds) {
        List<VariantResult> results = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            int test = i;
            List<Double> first = speeds.get(variants.getFirst()).stream()
                    .map(round -> round.get(test))
                    .toList();
            for (Variant variant : variants) {
                String name = tests.get(i).toString();
                String reason = notMeasured.get(variant);
                results.add(
                        reason != null
                                ? VariantResult.notMeasured(model.toString(), name, variant, reason)
                                : VariantResult.measured(
                                        model.toString(),
                                        name,
                                        variant,
                                        speeds.get(variant).stream()
                                                .map(round -> round.get(test))
                                                .toList(),
                                        first));
            }
        }
        return results;
    }
}
