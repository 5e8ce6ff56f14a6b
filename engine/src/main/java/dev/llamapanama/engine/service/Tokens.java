package dev.llamapanama.engine.service;

import java.util.Arrays;

/** Compares texts of tokens. */
final class Tokens {
    private Tokens() {}

    /** How many of the first {@code limit} tokens, or of those that {@code a} has, are the same in {@code b}. */
    static int common(int[] a, int[] b, int limit) {
        int end = Math.min(limit, a.length);
        int mismatch = Arrays.mismatch(a, 0, end, b, 0, end);
        return mismatch < 0 ? end : mismatch;
    }
}
