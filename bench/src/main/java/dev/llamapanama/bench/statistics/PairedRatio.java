package dev.llamapanama.bench.statistics;

import dev.llamapanama.bench.report.MarkdownTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What one of two things is of the other, measured in pairs.
 *
 * @param median of the pairs' ratios
 * @param interval the median's, at 95 %; empty where there are too few pairs
 */
public record PairedRatio(double median, Optional<MedianInterval> interval) {
    private static final double CONFIDENCE = 0.95;

    /** Of equally many samples. */
    public static PairedRatio of(List<Double> samples, List<Double> others) {
        double[] ratios = IntStream.range(0, samples.size())
                .mapToDouble(i -> samples.get(i) / others.get(i))
                .toArray();
        return new PairedRatio(Statistics.median(ratios), MedianInterval.of(CONFIDENCE, ratios));
    }

    /** As "1.66 (1.62 to 2.07)". */
    @Override
    public String toString() {
        return interval.map(
                        value -> "%s (%s to %s)".formatted(number(median), number(value.low()), number(value.high())))
                .orElseGet(() -> number(median));
    }

    private static String number(double value) {
        return MarkdownTable.number(value, 2);
    }
}
