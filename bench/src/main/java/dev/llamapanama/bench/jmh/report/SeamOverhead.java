package dev.llamapanama.bench.jmh.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the engine adds to a native call. Both times are of one run, so that they suffer alike from a busy machine.
 *
 * @param emptyNanos time of a bare downcall of an empty function, in the fastest iteration
 * @param callNanos the same of the engine's cheapest call into a context
 */
record SeamOverhead(double emptyNanos, double callNanos) {
    private static final double LIMIT_NANOS = 20;
    private static final double LIMIT_EMPTY_CALLS = 2; // where the machine is so slow or busy that this is more

    private static final String EMPTY = "SeamBenchmark.emptyCall";
    private static final String CALL = "SeamBenchmark.contextCall";

    /** From the results, if both were measured. */
    static Optional<SeamOverhead> of(List<JmhResult> results) {
        return nanos(results, EMPTY).flatMap(empty -> nanos(results, CALL).map(call -> new SeamOverhead(empty, call)));
    }

    private static Optional<Double> nanos(List<JmhResult> results, String name) {
        return results.stream()
                .filter(result -> result.name().equals(name))
                .filter(result -> result.primaryMetric().scoreUnit().equals("ns/op"))
                .map(result -> result.primaryMetric().smallest())
                .findFirst();
    }

    double nanos() {
        return callNanos - emptyNanos;
    }

    private double limit() {
        return Math.max(LIMIT_NANOS, LIMIT_EMPTY_CALLS * emptyNanos);
    }

    boolean tooMuch() {
        return nanos() > limit();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "Seam overhead: %.1f ns over an empty native call (%.1f ns and %.1f ns, fastest iterations; limit %.1f ns).",
                nanos(),
                callNanos,
                emptyNanos,
                limit());
    }
}
