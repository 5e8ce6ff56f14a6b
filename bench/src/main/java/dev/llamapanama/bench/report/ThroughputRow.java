package dev.llamapanama.bench.report;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code throughput} or of llama-bench.
 *
 * @param ceiling what bounds the speed, such as {@code memory read}, where the row says it
 * @param ceilingShare the speed divided by what this machine can do at most, where the row says it
 */
public record ThroughputRow(
        BenchResult result,
        @Nullable String ceiling,
        @Nullable Double ceilingShare) implements ResultRow {
    @Override
    public @Nullable Machine machine() {
        return result.machine();
    }

    @Override
    public @Nullable String command() {
        return result.command();
    }

    @Override
    public @Nullable String testTime() {
        return result.testTime();
    }

    @Override
    public boolean ofEngine() {
        return result.javaVersion() != null;
    }

    /** In the form of the other rows. */
    public Settings settings() {
        return new Settings(result.nBatch(), result.nUbatch(), result.typeK(), result.typeV(), result.flashAttn());
    }

    /** Tokens per second: the median of the samples, or the mean where there are none. */
    public double speed() {
        return result.samplesTs() == null || result.samplesTs().isEmpty()
                ? result.avgTs()
                : Statistics.median(Statistics.doubles(result.samplesTs()));
    }
}
