package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row that the command for variants made.
 *
 * @param model file
 * @param test llama-bench's name of the test
 * @param variant what was measured
 * @param notMeasured why there are no speeds; null if there are
 * @param speeds tokens per second in each round
 * @param medianSpeed their median; null if there are none
 * @param medianRatio median of the speeds divided by the first variant's in the same round; null if there are none
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VariantRow(
        String model,
        String test,
        Name variant,
        @Nullable String notMeasured,
        @Nullable List<Double> speeds,
        @Nullable Double medianSpeed,
        @Nullable Double medianRatio,
        @Nullable String testTime,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    /** A variant without its settings. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Name(String name) {}

    @Override
    public boolean ofEngine() {
        return true;
    }
}
