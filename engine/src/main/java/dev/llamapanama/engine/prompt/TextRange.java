package dev.llamapanama.engine.prompt;

/**
 * A part of a text, in {@code char}s as {@link String#substring(int, int)} counts them.
 *
 * @param start first one, from 0
 * @param end behind the last one, not less than {@code start}
 */
public record TextRange(int start, int end) {
    /** Checks the order. */
    public TextRange {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("range " + start + " to " + end);
        }
    }

    /** The part of {@code text} that this is. */
    public String of(String text) {
        return text.substring(start, end);
    }
}
