package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row of the command for limits.
 *
 * @param limit {@code memory read}, {@code int8 multiply}, …
 * @param threads threads that worked at the same time
 * @param unit {@code bytes/s} or {@code operations/s}
 * @param best the fastest pass; null where the CPU has no instruction for it
 * @param median the middle pass
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record LimitsRow(
        String limit,
        int threads,
        String unit,
        @Nullable Double best,
        @Nullable Double median,
        @Nullable String testTime,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    @Override
    public boolean ofEngine() {
        return true;
    }
}
