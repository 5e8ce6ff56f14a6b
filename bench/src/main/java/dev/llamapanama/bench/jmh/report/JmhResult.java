package dev.llamapanama.bench.jmh.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.jmh.OperationsProfiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One benchmark's result: an object of the array that JMH's {@code -rf json} writes.
 *
 * @param benchmark class and method
 * @param params values of its parameters
 * @param primaryMetric its time or throughput
 * @param secondaryMetrics what profilers measured, by name
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record JmhResult(
        String benchmark,
        @Nullable Map<String, String> params,
        Metric primaryMetric,
        Map<String, Metric> secondaryMetrics) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    JmhResult {
        Objects.requireNonNull(benchmark, "benchmark");
        Objects.requireNonNull(primaryMetric, "primaryMetric");
        Objects.requireNonNull(secondaryMetrics, "secondaryMetrics");
    }

    /**
     * A measured quantity.
     *
     * @param score mean of the iterations
     * @param scoreError half of its 99.9 % confidence interval; not a number where there are too few iterations
     * @param rawData a list per fork with a value per iteration
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Metric(double score, double scoreError, String scoreUnit, List<List<Double>> rawData) {
        Metric {
            Objects.requireNonNull(scoreUnit, "scoreUnit");
            Objects.requireNonNull(rawData, "rawData");
        }

        /** The smallest value of an iteration. */
        double smallest() {
            return values().min().orElse(score);
        }

        private DoubleStream values() {
            return rawData.stream().flatMap(List::stream).mapToDouble(Double::doubleValue);
        }
    }

    /**
     * Reads the text of JMH's file.
     *
     * @param file for messages
     * @throws IOException if it is something else
     */
    static List<JmhResult> parse(Path file, String text) throws IOException {
        try {
            List<JmhResult> results = JSON.readerForListOf(JmhResult.class).readValue(text);
            if (results.isEmpty()) {
                throw new IOException(file + " holds no results");
            }
            return results;
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not a JSON result of JMH: " + e.getOriginalMessage(), e);
        }
    }

    /** Class, method and parameters, as {@code SamplerBenchmark.greedy[vocabulary=32000]}. */
    String name() {
        String[] parts = benchmark.split("\\.", -1);
        String name = parts.length < 2 ? benchmark : parts[parts.length - 2] + "." + parts[parts.length - 1];
        return params == null || params.isEmpty()
                ? name
                : new TreeMap<>(params)
                        .entrySet().stream()
                                .map(param -> param.getKey() + "=" + param.getValue())
                                .collect(Collectors.joining(",", name + "[", "]"));
    }

    /**
     * Bytes allocated on the Java heap per operation, in the iteration with the fewest: in others the JIT compiler may not
     * have been ready. Empty if JMH ran without {@code -prof gc} or without {@link OperationsProfiler}.
     *
     * @param jmhBytes what JMH itself allocates in an iteration; see {@link #bytesPerIteration}
     */
    OptionalDouble bytesPerOperation(double jmhBytes) {
        double[] operations = values(OperationsProfiler.OPERATIONS);
        double[] bytes = values(ALLOCATION);
        return operations.length != bytes.length
                ? OptionalDouble.empty()
                : IntStream.range(0, bytes.length)
                        .mapToDouble(i -> Math.max(0, bytes[i] - jmhBytes / operations[i]))
                        .min();
    }

    /** Bytes allocated in an iteration, the one with the fewest. */
    OptionalDouble bytesPerIteration() {
        double[] operations = values(OperationsProfiler.OPERATIONS);
        double[] bytes = values(ALLOCATION);
        return operations.length != bytes.length
                ? OptionalDouble.empty()
                : IntStream.range(0, bytes.length)
                        .mapToDouble(i -> bytes[i] * operations[i])
                        .min();
    }

    private double[] values(String name) {
        Metric metric = secondaryMetrics.get(name);
        return metric == null ? new double[0] : metric.values().toArray();
    }
}
