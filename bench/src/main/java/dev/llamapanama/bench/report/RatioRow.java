package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row of {@code compare}.
 *
 * @param model file
 * @param test name of the test
 * @param threads threads that compute
 * @param nBatch most tokens in one decode call
 * @param nUbatch most tokens in one pass through the network
 * @param typeKv type of keys and values
 * @param flashAttn {@code auto}, {@code on} or {@code off}
 * @param peer the program that the engine was compared with
 * @param ratios engine divided by peer in each pair
 * @param medianRatio their median
 * @param ratioLow lower end of the median's confidence interval
 * @param ratioHigh upper end of the median's confidence interval
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RatioRow(
        String model,
        String test,
        int threads,
        @Nullable Integer nBatch,
        @Nullable Integer nUbatch,
        @Nullable String typeKv,
        @Nullable String flashAttn,
        @Nullable String peer,
        @Nullable List<Double> ratios,
        double medianRatio,
        @Nullable Double ratioLow,
        @Nullable Double ratioHigh,
        @Nullable String testTime,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    @Override
    public boolean ofEngine() {
        return true;
    }

    /** In the form of the other rows. */
    public Settings settings() {
        Integer flash = flashAttn == null || flashAttn.equals("auto") ? -1 : flashAttn.equals("on") ? 1 : 0;
        return new Settings(nBatch, nUbatch, typeKv, typeKv, flash);
    }
}
