package dev.llamapanama.bench.jmh;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds to the results how many operations an iteration had. With it, {@code jmh-report} takes what JMH itself allocates in
 * each iteration out of the bytes per operation, however slow the machine was.
 */
public final class OperationsProfiler implements InternalProfiler {
    /** Name of the figure in the results. */
    public static final String OPERATIONS = "operations";

    @Override
    public String getDescription() {
        return "Operations per iteration";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<ScalarResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(new ScalarResult(OPERATIONS, result.getMetadata().getAllOps(), "ops", AggregationPolicy.AVG));
    }
}
