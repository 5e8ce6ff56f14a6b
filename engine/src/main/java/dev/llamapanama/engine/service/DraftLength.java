package dev.llamapanama.engine.service;

/**
 * How many guessed tokens are worth checking with the next one: as many as make the most tokens per second, from how often the
 * guesses of this answer were right and what batches of each size take on this machine.
 *
 * <p>With {@code p} the share of right guesses, {@code k} of them give {@code (1 - p^(k+1)) / (1 - p)} tokens on average
 * (Leviathan et al. 2023). Where none is worth it, one guess in {@link #PROBE} is tried all the same: texts change.
 */
final class DraftLength {
    static final int MOST = 16;

    private static final int PROBE = 64;
    private static final double RECENT = 0.15;

    private double right = 0.5;
    private int declined;

    /**
     * How many of {@code available} guesses to check.
     *
     * @param least as many are checked in any case, where there are so many
     * @param others other tokens in the batch, each of which is a token gained
     */
    int choose(int least, int available, int others, StepTimes times) {
        int best = Math.min(least, Math.min(available, MOST));
        double bestRate = rate(best, others, times);
        for (int k = best + 1; k <= Math.min(available, MOST); k++) {
            double rate = rate(k, others, times);
            if (rate > bestRate) {
                best = k;
                bestRate = rate;
            }
        }
        if (best == 0 && available > 0 && ++declined % PROBE == 0) {
            return 1;
        }
        return best;
    }

    private double rate(int k, int others, StepTimes times) {
        double expected = right >= 1 ? k + 1 : (1 - Math.pow(right, k + 1)) / (1 - right);
        return (others + expected) / times.seconds(others + 1 + k);
    }

    /** Takes note of a check. */
    void observe(int drafted, int accepted) {
        // the first wrong guess ends the check, so it is the only one that was seen to be wrong
        int seen = Math.min(drafted, accepted + 1);
        for (int i = 0; i < seen; i++) {
            right += RECENT * ((i < accepted ? 1 : 0) - right);
        }
    }
}
