package dev.llamapanama.engine.service;

/**
 * What decoding a batch of answers' tokens takes, by its size; measured while it runs, recent batches counting more.
 *
 * <p>Sizes that were not seen yet are taken from the nearest seen ones: a larger one takes at least as long as a smaller one
 * and at most in proportion.
 */
final class StepTimes {
    static final int MOST = 64;

    private static final double RECENT = 0.1;

    private final double[] seconds = new double[MOST + 1]; // 0: not seen yet
    private boolean empty = true;

    /** Whether nothing was measured yet. */
    boolean isEmpty() {
        return empty;
    }

    void observe(int tokens, double time) {
        if (tokens <= MOST) {
            empty = false;
            seconds[tokens] += seconds[tokens] == 0 ? time : RECENT * (time - seconds[tokens]);
        }
    }

    /** Seconds for a batch of {@code tokens}; only to be compared with one another where nothing was measured. */
    double seconds(int tokens) {
        if (tokens > MOST) {
            return seconds(MOST) * tokens / MOST; // large batches are bound by arithmetic
        }
        int size = tokens;
        if (seconds[size] != 0) {
            return seconds[size];
        }
        int below = size;
        while (below > 0 && seconds[below] == 0) {
            below--;
        }
        int above = size;
        while (above <= MOST && seconds[above] == 0) {
            above++;
        }
        if (below > 0 && above <= MOST) {
            return seconds[below] + (seconds[above] - seconds[below]) * (size - below) / (above - below);
        }
        if (below > 0) {
            return seconds[below] * (1 + GROWTH * (size - below) / below); // hope; the first try tells
        }
        return above <= MOST ? seconds[above] * size / above : 1 + GROWTH * (size - 1);
    }

    private static final double GROWTH = 0.15; // of a batch's time by each token more, before it was measured
}
