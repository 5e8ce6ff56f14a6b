package dev.llamapanama.bench.statistics;

import java.util.Arrays;
import java.util.List;

/**
 * The statistics that llama-bench prints.
 *
 * <p>It computes those of times in unsigned 64-bit integers, where squares of more than about four seconds overflow;
 * here all are computed in floating point.
 */
public final class Statistics {
    private Statistics() {}

    /** The arithmetic mean; 0 of no samples. */
    public static double mean(double... samples) {
        return Arrays.stream(samples).average().orElse(0);
    }

    /** The standard deviation of a sample (divisor n-1); 0 of fewer than two. */
    public static double standardDeviation(double... samples) {
        if (samples.length < 2) {
            return 0;
        }
        double mean = mean(samples);
        double squares =
                Arrays.stream(samples).map(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(squares / (samples.length - 1));
    }

    /** The middle sample, or the mean of the two middle ones; NaN of no samples. */
    public static double median(double... samples) {
        if (samples.length == 0) {
            return Double.NaN;
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Samples in the form that the functions of this class take. */
    public static double[] doubles(List<? extends Number> samples) {
        return samples.stream().mapToDouble(Number::doubleValue).toArray();
    }
}
