package dev.llamapanama.bench.requests;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;

/**
 * A figure of a scene: a row of results.
 *
 * @param model file
 * @param scene what was done
 * @param target {@code engine}, {@code engine, kernels off} or {@code llama-server}
 * @param figure what was measured, with its unit
 * @param value median of {@code samples}
 * @param samples one for each round
 * @param threads threads that compute
 * @param testTime start, UTC
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record RequestsRow(
        String model,
        String scene,
        String target,
        String figure,
        double value,
        List<Double> samples,
        int threads,
        String testTime,
        Machine machine,
        String command) {}
