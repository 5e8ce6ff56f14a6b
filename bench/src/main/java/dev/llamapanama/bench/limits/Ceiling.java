package dev.llamapanama.bench.limits;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.engine.MachineLimits;
import org.jspecify.annotations.Nullable;

/**
 * One measured limit of this machine.
 *
 * @param cpu name of the processor
 * @param limit {@code memory read}, {@code f32 multiply}, {@code bf16 multiply}, {@code int8 multiply}
 * @param instruction what multiplies; null for memory, and where the CPU has no such instruction
 * @param threads threads that worked at the same time
 * @param unit of the speeds: {@code bytes/s} or {@code operations/s}; a multiplication with its addition is two operations
 * @param best the fastest pass, all threads together; null where there is no instruction
 * @param median the middle pass
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Ceiling(
        String cpu,
        String limit,
        @Nullable String instruction,
        int threads,
        String unit,
        @Nullable Double best,
        @Nullable Double median) {
    static final String MEMORY_READ = "memory read";

    static Ceiling read(String cpu, int threads, MachineLimits.Rate rate) {
        return new Ceiling(cpu, MEMORY_READ, null, threads, "bytes/s", rate.best(), rate.median());
    }

    static Ceiling multiply(
            String cpu, String limit, @Nullable String instruction, int threads, MachineLimits.@Nullable Rate rate) {
        return new Ceiling(
                cpu,
                limit,
                instruction,
                threads,
                "operations/s",
                rate == null ? null : Double.valueOf(rate.best()),
                rate == null ? null : Double.valueOf(rate.median()));
    }
}
