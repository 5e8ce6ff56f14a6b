package dev.llamapanama.bench.launcher;

/** Ends a Maven build with one line: it has no stack trace, since Maven prints those it gets. */
final class LauncherException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LauncherException(String message) {
        super(message, null, false, false);
    }
}
