package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.CpuTopology;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
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
    private final Map<Variant, String> notMeasured;
    private final String command;

    /**
     * @param missing variants that cannot be measured, and why; the first one is not among them
     * @param command the arguments that make the rows, as one would type them
     */
    VariantRounds(
            List<Variant> variants,
            Map<Variant, String> missing,
            List<TestSpec> tests,
            int rounds,
            String command,
            Measurement measurement,
            Progress progress) {
        this.variants = List.copyOf(variants);
        this.notMeasured = new LinkedHashMap<>(missing);
        this.command = command;
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
        VariantResult.Origin origin = new VariantResult.Origin(
                CpuTopology.ofThisMachine().model(), LlamaBenchNames.testTime(Instant.now()), command);
        for (List<TestSpec> tests : testsByDepth) {
            Map<Variant, List<Sample>> samples = new LinkedHashMap<>();
            variants.forEach(variant -> samples.put(variant, new ArrayList<>()));
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < variants.size(); i++) {
                    Variant variant = variants.get((round + i) % variants.size());
                    progress.part(
                            variant.name(), ", %s, round %d of %d".formatted(model.getFileName(), round + 1, rounds));
                    if (!notMeasured.containsKey(variant)) {
                        tryMeasuring(variant, model, tests, samples.get(variant));
                    }
                    progress.advance(1);
                }
            }
            results.addAll(results(origin, model, tests, samples));
        }
        return results;
    }

    private void tryMeasuring(Variant variant, Path model, List<TestSpec> tests, List<Sample> samples)
            throws IOException, InterruptedException {
        try {
            samples.add(measurement.measure(variant, model, tests));
        } catch (CpuMismatchException e) {
            if (variant.equals(variants.getFirst())) {
                throw new IOException("The first variant, '" + variant.name() + "', is " + e.getMessage(), e);
            }
            notMeasured.put(variant, String.valueOf(e.getMessage()));
        }
    }

    private List<VariantResult> results(
            VariantResult.Origin origin, Path model, List<TestSpec> tests, Map<Variant, List<Sample>> samples) {
        List<VariantResult> results = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            List<Double> first = speeds(samples.get(variants.getFirst()), i);
            for (Variant variant : variants) {
                String name = tests.get(i).toString();
                String reason = notMeasured.get(variant);
                List<Sample> ofVariant = samples.get(variant);
                results.add(
                        reason != null
                                ? VariantResult.notMeasured(origin, model.toString(), name, variant, reason)
                                : VariantResult.measured(
                                        origin,
                                        model.toString(),
                                        name,
                                        variant,
                                        speeds(ofVariant, i),
                                        first,
                                        ofVariant.getFirst().machine()));
            }
        }
        return results;
    }

    private static List<Double> speeds(List<Sample> samples, int test) {
        return samples.stream().map(sample -> sample.speeds().get(test)).toList();
    }
}
