package dev.llamapanama.bench.compare;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.statistics.MedianInterval;
import dev.llamapanama.bench.statistics.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A speed of the engine and of another program, measured in turn: a row of results.
 *
 * @param model file
 * @param test name of the test
 * @param peer name of the other program
 * @param threads threads that compute
 * @param nBatch most tokens in one decode call
 * @param nUbatch most tokens in one pass through the network
 * @param typeKv type of keys and values
 * @param flashAttn whether attention is computed in one kernel: {@code auto}, {@code on} or {@code off}
 * @param samples measurements in each process, of which the median counts
 * @param engineDescription how the engine was started
 * @param peerDescription what the other program is
 * @param testTime start, UTC
 * @param first which program was first in each pair
 * @param engineTs tokens per second of the engine in each pair
 * @param peerTs tokens per second of the other program in each pair
 * @param ratios engine divided by peer in each pair
 * @param medianRatio median of {@code ratios}
 * @param ratioLow lower end of the median's confidence interval; null where there are too few pairs
 * @param ratioHigh upper end of the median's confidence interval; null where there are too few pairs
 * @param confidence of the interval, 0 to 1, at least {@value #CONFIDENCE}; null where there are too few pairs
 * @param leastRatio of all pairs
 * @param mostRatio of all pairs
 * @param machine what the engine ran on, in its own settings
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record Comparison(
        String model,
        String test,
        String peer,
        int threads,
        int nBatch,
        int nUbatch,
        String typeKv,
        String flashAttn,
        int samples,
        String engineDescription,
        String peerDescription,
        String testTime,
        List<String> first,
        List<Double> engineTs,
        List<Double> peerTs,
        List<Double> ratios,
        double medianRatio,
        @Nullable Double ratioLow,
        @Nullable Double ratioHigh,
        @Nullable Double confidence,
        double leastRatio,
        double mostRatio,
        Machine machine,
        String command) {
    static final double CONFIDENCE = 0.95;

    /** What the engine ran on, and by which command rows were made. */
    record Origin(Machine machine, String command) {}

    /**
     * Makes a row.
     *
     * @param test name of the speed
     * @param engineTs tokens per second in each pair
     * @param peerTs tokens per second in each pair
     */
    static Comparison of(
            Origin origin,
            Workload workload,
            String test,
            Contender engine,
            Contender peer,
            String testTime,
            List<String> first,
            List<Double> engineTs,
            List<Double> peerTs) {
        double[] ratios = IntStream.range(0, engineTs.size())
                .mapToDouble(pair -> engineTs.get(pair) / peerTs.get(pair))
                .toArray();
        Optional<MedianInterval> interval = MedianInterval.of(CONFIDENCE, ratios);
        return new Comparison(
                workload.model().toString(),
                test,
                peer.name(),
                workload.threads(),
                workload.batch(),
                workload.ubatch(),
                workload.kvTypeName(),
                workload.flashAttentionName(),
                workload.samples(),
                engine.description(),
                peer.description(),
                testTime,
                first,
                engineTs,
                peerTs,
                Arrays.stream(ratios).boxed().toList(),
                Statistics.median(ratios),
                interval.map(MedianInterval::low).orElse(null),
                interval.map(MedianInterval::high).orElse(null),
                interval.map(MedianInterval::confidence).orElse(null),
                Arrays.stream(ratios).min().orElseThrow(),
                Arrays.stream(ratios).max().orElseThrow(),
                origin.machine(),
                origin.command());
    }
}
