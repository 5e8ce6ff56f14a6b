package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.Utf8;

/** Checks of sampler parameters, done before native code sees them. */
final class SamplerChecks {
    /** The longest window of past tokens; llama.cpp reserves memory for all of it at once. */
    static final int MAX_WINDOW = 1 << 20;

    private static final long MAX_SEED = 0xFFFF_FFFFL;

    private SamplerChecks() {}

    static float finite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + " must be finite, not " + value);
        }
        return value;
    }

    static float inRange(String name, float value, float min, float max) {
        if (!(value >= min && value <= max)) { // written so that NaN fails
            throw new IllegalArgumentException(name + " must be in " + min + ".." + max + ", not " + value);
        }
        return value;
    }

    static float probability(String name, float value) {
        return inRange(name, value, 0, 1);
    }

    static float notNegative(String name, float value) {
        if (finite(name, value) < 0) {
            throw new IllegalArgumentException(name + " must not be negative, but is " + value);
        }
        return value;
    }

    static int notNegative(String name, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must not be negative, but is " + value);
        }
        return value;
    }

    static int window(String name, int value) {
        if (value < 0 || value > MAX_WINDOW) {
            throw new IllegalArgumentException(name + " must be in 0.." + MAX_WINDOW + " tokens, not " + value);
        }
        return value;
    }

    static long seed(long value) {
        if (value < 0 || value > MAX_SEED) {
            throw new IllegalArgumentException("seed must be in 0.." + MAX_SEED + ", not " + value);
        }
        return value;
    }

    static float bias(int token, float value) {
        if (Float.isNaN(value) || value == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "the bias of token " + token + " must be finite or negative infinity, not " + value);
        }
        return value;
    }

    /** Text that crosses to C must be Unicode, and ends at its first NUL, so there must be none. */
    static String text(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(name + " must not contain the character U+0000");
        }
        if (Utf8.firstLoneSurrogate(value) >= 0) {
            throw new IllegalArgumentException(name + " must not contain half a surrogate pair");
        }
        return value;
    }
}
