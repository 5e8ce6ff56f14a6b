package dev.llamapanama.engine.service;

/**
 * How many guessed tokens are worth checking with the next one: as many as make the most tokens per second, from how often the
 * guesses of this answer were right, what making them takes, and what batches of each size take on this machine.
 *
 * <p>With {@code p} the share of right guesses, {@code k} of them give {@code (1 - p^(k+1)) / (1 - p)} tokens on average
 * (Leviathan et al. 2023). Times are measured on a busy machine and shares from few guesses, so some are only checked where that
 * seems to give {@link #MARGIN} more than none.
 */
final class DraftLength {
    static final int MOST = 16;

    private static final int PROBE = 64;
    private static final int PROBE_STEPS = 2; // steps that a try may cost, of PROBE
    private static final double RECENT = 0.15;
    private static final double MARGIN = 0.05;

    private double right;
    private int declined;

    /** @param right the share of right guesses that is expected */
    DraftLength(double right) {
        this.right = right;
    }

    /**
     * How many of {@code available} guesses make the most tokens per second.
     *
     * @param least as many are checked in any case, where there are so many
     * @param others other tokens in the batch, each of which is a token gained
     * @param guessSeconds what making a guess takes
     * @param tokenSeconds what must be done before the first guess, spread over the tokens that it is done for
     */
    int best(int least, int available, int others, StepTimes times, double guessSeconds, double tokenSeconds) {
        int best = Math.min(least, Math.min(available, MOST));
        double bestRate = rate(best, others, times, guessSeconds, tokenSeconds) * (best == 0 ? 1 + MARGIN : 1);
        for (int k = best + 1; k <= Math.min(available, MOST); k++) {
            double rate = rate(k, others, times, guessSeconds, tokenSeconds);
            if (rate > bestRate) {
                best = k;
                bestRate = rate;
            }
        }
        return best;
    }

    /**
     * Takes note that no guess was worth it; whether to try one all the same, since texts change: one time in {@link #PROBE}, but
     * not where it would cost more than it can tell.
     *
     * @param seconds what making the guess takes, with all that must be done before
     */
    boolean isProbe(double seconds, int others, StepTimes times) {
        return ++declined % PROBE == 0 && seconds <= PROBE_STEPS * times.seconds(others + 1);
    }

    private double rate(int k, int others, StepTimes times, double guessSeconds, double tokenSeconds) {
        double expected = right >= 1 ? k + 1 : (1 - Math.pow(right, k + 1)) / (1 - right);
        double drafting = k == 0 ? 0 : k * guessSeconds + expected * tokenSeconds;
        return (others + expected) / (times.seconds(others + 1 + k) + drafting);
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
