package dev.llamapanama.engine.internal;

/** Measures text for code that recurses on it. */
public final class TextRuns {
    private TextRuns() {}

    /** Code points of a text; the bytes must be well-formed UTF-8. */
    public static int codePoints(byte[] utf8) {
        int count = 0;
        for (byte b : utf8) {
            count += isStart(b) ? 1 : 0;
        }
        return count;
    }

    /**
     * The most code points in a stretch without blanks, together with the blanks before and behind it. Only ASCII counts as
     * blank, so that it is never too few.
     */
    public static int longest(byte[] utf8) {
        int longest = 0;
        int before = 0;
        int stretch = 0;
        int behind = 0;
        for (byte b : utf8) {
            if (isBlank(b)) {
                behind++;
            } else if (isStart(b)) {
                if (behind > 0) {
                    longest = Math.max(longest, before + stretch + behind);
                    before = behind;
                    stretch = 0;
                    behind = 0;
                }
                stretch++;
            }
        }
        return Math.max(longest, before + stretch + behind);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    private static boolean isStart(byte b) {
        return (b & 0xC0) != 0x80;
    }
}
