package dev.llamapanama.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Times a generation. Room for the times of the last tokens is made once, so that taking one allocates nothing. */
final class TokenClock {
    private static final int KEPT = 4096;

    private final long[] tokenNanos; // a ring: time inside the calls that gave the last tokens, the first one apart
    private int sampled;
    private long callStart;
    private long prefillNanos;
    private long beforeFirst; // time inside calls until the first token
    private long generationNanos;
    private int cachedTokens;

    /** @param expectedTokens how many tokens there will be at most, if that is known well */
    TokenClock(int expectedTokens) {
        tokenNanos = new long[Math.clamp(expectedTokens, 1, KEPT)];
    }

    /** A call for the next token begins. */
    void callStarts() {
        callStart = System.nanoTime();
    }

    /** The prompt is decoded. */
    void prefillEnds(int tokensFromCache) {
        cachedTokens = tokensFromCache;
        prefillNanos = System.nanoTime() - callStart;
    }

    /** The call gave a token. */
    void tokenSampled() {
        long nanos = System.nanoTime() - callStart;
        if (sampled == 0) {
            beforeFirst = nanos;
        } else {
            tokenNanos[(sampled - 1) % tokenNanos.length] = nanos;
            generationNanos += nanos;
        }
        sampled++;
    }

    /** What was measured so far. */
    Timings timings(int promptTokens) {
        int later = Math.max(0, sampled - 1);
        List<Duration> times = new ArrayList<>(Math.min(later, tokenNanos.length));
        for (int i = Math.max(0, later - tokenNanos.length); i < later; i++) {
            times.add(Duration.ofNanos(tokenNanos[i % tokenNanos.length]));
        }
        return new Timings(
                promptTokens,
                cachedTokens,
                Duration.ofNanos(prefillNanos),
                Duration.ofNanos(beforeFirst),
                sampled,
                Duration.ofNanos(generationNanos),
                times);
    }
}
