package dev.llamapanama.bench.doctor;

/**
 * One thing that was looked at.
 *
 * @param what it is about
 * @param text what was found, and the remedy where there is one
 */
record Finding(Level level, String what, String text) {
    /** How it is. */
    enum Level {
        OK,
        /** It works, and could be better. */
        HINT,
        FAILED
    }

    static Finding ok(String what, String text) {
        return new Finding(Level.OK, what, text);
    }

    static Finding hint(String what, String text) {
        return new Finding(Level.HINT, what, text);
    }

    static Finding failed(String what, String text) {
        return new Finding(Level.FAILED, what, text);
    }
}
