package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.limits.Ceilings;
import dev.llamapanama.bench.limits.ModelCost;
import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.bench.report.RooflinePoint;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.MultiplyFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** How fast this machine could run a test at most: its ceilings, measured once, and what each model asks of it. */
final class CeilingShares {
    private static final Duration DURATION = Duration.ofMillis(200);

    private final Ceilings ceilings;
    private final Map<Path, ModelCost> costs;

    private CeilingShares(Ceilings ceilings, Map<Path, ModelCost> costs) {
        this.ceilings = ceilings;
        this.costs = costs;
    }

    /** Knows nothing. */
    static CeilingShares none() {
        return new CeilingShares(new Ceilings(List.of()), Map.of());
    }

    /**
     * Measures what the tests need; about a second for each number of threads.
     *
     * @param progress begins to show how many of so many points are done
     * @throws IOException if a model cannot be read
     */
    static CeilingShares measure(List<TestCase> tests, LongFunction<Progress> progress)
            throws IOException, InterruptedException {
        boolean bf16 = Backend.load().features().contains("AVX512_BF16"); // what ggml's library was compiled with
        Map<Path, ModelCost> costs = new HashMap<>();
        Set<MultiplyFormat> formats = EnumSet.noneOf(MultiplyFormat.class);
        for (Path model : tests.stream().map(TestCase::model).distinct().toList()) {
            ModelCost.of(model).ifPresent(cost -> {
                costs.put(model, cost);
                formats.addAll(cost.formats(bf16));
            });
        }
        List<Integer> threads = tests.stream().map(TestCase::threads).distinct().toList();
        try (Progress shown = progress.apply(Ceilings.points(threads, formats))) {
            return new CeilingShares(Ceilings.measure(threads, formats, DURATION, shown), costs);
        }
    }

    /**
     * The most tokens per second that a test can reach: a generation's by the bytes that it reads, a prompt's by its
     * operations or, where it is short, by the bytes that all its tokens read together. Empty where that is not known.
     */
    Optional<Roofline.Bound> bound(TestCase test) {
        ModelCost cost = costs.get(test.model());
        if (cost == null || test.prompt() > 0 == test.gen() > 0) {
            return Optional.empty();
        }
        Roofline roofline = ceilings.roofline(test.threads());
        return test.gen() > 0
                ? roofline.reading(cost, test.depth(), test.gen(), test.kvType())
                : multiplying(roofline, cost, test)
                        .map(multiplying -> Stream.concat(
                                        Stream.of(multiplying), reading(roofline, cost, test).stream())
                                .min(Comparator.comparingDouble(Roofline.Bound::tokensPerSecond))
                                .orElseThrow());
    }

    /** Where a prompt stands that is computed at once; empty for other tests, and where it is not known. */
    Optional<RooflinePoint> roofline(TestCase test) {
        ModelCost cost = costs.get(test.model());
        if (cost == null || test.gen() > 0) {
            return Optional.empty();
        }
        Roofline roofline = ceilings.roofline(test.threads());
        Optional<Roofline.Bound> reading = reading(roofline, cost, test);
        Optional<Roofline.Bound> multiplying = multiplying(roofline, cost, test);
        if (reading.isEmpty() || multiplying.isEmpty()) {
            return Optional.empty();
        }
        double bytes = cost.bytesPerTokenTogether(test.depth(), test.prompt(), test.kvType())
                .orElseThrow();
        double operations =
                roofline.operations(cost, test.depth(), test.prompt(), 1).orElseThrow();
        return Optional.of(new RooflinePoint(
                bytes,
                operations,
                reading.get().tokensPerSecond(),
                multiplying.get().tokensPerSecond()));
    }

    private static Optional<Roofline.Bound> reading(Roofline roofline, ModelCost cost, TestCase test) {
        return test.prompt() > Math.min(test.batch(), test.ubatch())
                ? Optional.empty()
                : roofline.readingTogether(cost, test.depth(), test.prompt(), test.kvType());
    }

    private static Optional<Roofline.Bound> multiplying(Roofline roofline, ModelCost cost, TestCase test) {
        return roofline.multiplying(cost, test.depth(), test.prompt(), Math.ceilDiv(test.prompt(), test.batch()));
    }

    /** The ceilings for people, a line for each number of threads. */
    String lines() {
        return ceilings.lines();
    }
}
