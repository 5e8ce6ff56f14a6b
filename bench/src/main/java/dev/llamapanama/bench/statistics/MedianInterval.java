package dev.llamapanama.bench.statistics;

import java.util.Arrays;
import java.util.Optional;

/**
 * A confidence interval of the median that assumes nothing of the samples but that they are independent: from the k-th
 * smallest to the k-th largest (W. R. Thompson, <i>On confidence ranges for the median</i>, Annals of Mathematical
 * Statistics 7, 1936). The median is below k or more of n samples as often as k or more of n coins show heads.
 *
 * @param low lower end: the k-th smallest sample
 * @param high upper end: the k-th largest
 * @param confidence how often such an interval holds the median, 0 to 1; at least what was asked for
 */
public record MedianInterval(double low, double high, double confidence) {
    /**
     * The narrowest such interval.
     *
     * @param confidence the least that it must have, as 0.95
     * @return nothing where there are too few samples for it: 95 % takes 6
     */
    public static Optional<MedianInterval> of(double confidence, double... samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        Optional<MedianInterval> narrowest = Optional.empty();
        double probability = Math.pow(0.5, n); // that exactly k-1 of n coins show heads
        double outside = 0;
        for (int k = 1; k <= n / 2; k++) {
            outside += 2 * probability;
            if (1 - outside < confidence) {
                break;
            }
            narrowest = Optional.of(new MedianInterval(sorted[k - 1], sorted[n - k], 1 - outside));
            probability *= (double) (n - k + 1) / k;
        }
        return narrowest;
    }
}
