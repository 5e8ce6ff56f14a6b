package dev.llamapanama.bench.jmh.report;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What benchmarks allocate by themselves: JMH's profiler counts also what JMH allocates, some kilobytes in each iteration,
 * which a benchmark that does nothing shows.
 *
 * @param jmhBytes per iteration; 0 if the empty benchmark was not among those measured
 */
record Allocation(double jmhBytes) {
    private static final String NOTHING = "DecodeLoopBenchmark.nothing";

    /** From the results of one run. */
    static Allocation of(List<JmhResult> results) {
        return new Allocation(results.stream()
                .filter(result -> result.name().equals(NOTHING))
                .flatMapToDouble(result -> result.bytesPerIteration().stream())
                .findFirst()
                .orElse(0));
    }

    /**
     * Bytes per operation without JMH's; empty if JMH ran without the profilers. The empty benchmark keeps its own, so that
     * what is taken from all others is bounded, too.
     */
    OptionalDouble bytesPerOperation(JmhResult result) {
        return result.bytesPerOperation(result.name().equals(NOTHING) ? 0 : jmhBytes);
    }
}
