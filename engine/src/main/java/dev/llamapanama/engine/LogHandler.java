package dev.llamapanama.engine;

/**
 * Receives llama.cpp's log, line by line. Called by whatever thread logs, native ones too, in the middle of a native
 * call: it must return quickly and must not call llamapanama. An exception it throws is dropped.
 */
@FunctionalInterface
public interface LogHandler {
    /** Passes lines on to the {@link System.Logger} "dev.llamapanama.llama.cpp". */
    LogHandler DEFAULT =
            (level, line) -> System.getLogger("dev.llamapanama.llama.cpp").log(level.systemLevel(), line);

    /**
     * Takes a line.
     *
     * @param line without its end
     */
    void log(LogLevel level, String line);
}
