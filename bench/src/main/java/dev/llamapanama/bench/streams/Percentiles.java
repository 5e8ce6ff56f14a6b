package dev.llamapanama.bench.streams;

import org.HdrHistogram.Histogram;

/**
 * How times are distributed: what so many percent of them are not above, in nanoseconds, to three digits.
 *
 * @param p50 the median
 */
record Percentiles(long p50, long p95, long p99) {
    private static final int DIGITS = 3;

    static Percentiles of(long... nanoseconds) {
        Histogram histogram = new Histogram(DIGITS);
        for (long sample : nanoseconds) {
            histogram.recordValue(sample);
        }
        return new Percentiles(
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(95),
                histogram.getValueAtPercentile(99));
    }
}
