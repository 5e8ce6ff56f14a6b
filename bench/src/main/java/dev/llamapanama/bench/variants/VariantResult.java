package dev.llamapanama.bench.variants;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.statistics.Statistics;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One variant's speeds in one test of one model.
 *
 * @param model file
 * @param test llama-bench's name of the test
 * @param variant what was measured
 * @param notMeasured why there are no speeds, in a few words, and after a comma in more; null if there are
 * @param speeds tokens per second in each round
 * @param ratios speed divided by that of the first variant in the same round
 * @param medianSpeed median of {@code speeds}; null if there are none
 * @param medianRatio median of {@code ratios}; null if there are none
 * @param cpuInfo name of the processor
 * @param testTime start of the model's measurements, UTC
 * @param machine what the variant ran on, with its build and settings, as its own process said; null of llama-bench, which
 *     does not say, and where there are no speeds
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record VariantResult(
        String model,
        String test,
        Variant variant,
        @Nullable String notMeasured,
        List<Double> speeds,
        List<Double> ratios,
        @Nullable Double medianSpeed,
        @Nullable Double medianRatio,
        String cpuInfo,
        String testTime,
        @Nullable Machine machine,
        String command) {

    /**
     * What all rows of a model say of where they come from.
     *
     * @param cpuInfo name of the processor
     * @param testTime start, UTC
     * @param command the arguments that made it, as one would type them
     */
    record Origin(String cpuInfo, String testTime, String command) {}

    /** Speeds beside those of the first variant, round by round. */
    static VariantResult measured(
            Origin origin,
            String model,
            String test,
            Variant variant,
            List<Double> speeds,
            List<Double> firstSpeeds,
            @Nullable Machine machine) {
        List<Double> ratios = IntStream.range(0, speeds.size())
                .mapToObj(round -> speeds.get(round) / firstSpeeds.get(round))
                .toList();
        return new VariantResult(
                model,
                test,
                variant,
                null,
                List.copyOf(speeds),
                ratios,
                Statistics.median(Statistics.doubles(speeds)),
                Statistics.median(Statistics.doubles(ratios)),
                origin.cpuInfo(),
                origin.testTime(),
                machine,
                origin.command());
    }

    /** No speeds, and why. */
    static VariantResult notMeasured(Origin origin, String model, String test, Variant variant, String reason) {
        return new VariantResult(
                model,
                test,
                variant,
                reason,
                List.of(),
                List.of(),
                null,
                null,
                origin.cpuInfo(),
                origin.testTime(),
                null,
                origin.command());
    }
}
