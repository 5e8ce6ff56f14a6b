package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** How important a line of llama.cpp's log is ({@code ggml_log_level}). */
public enum LogLevel {
    /** For llama.cpp's developers. */
    DEBUG(LlamaConstants.GGML_LOG_LEVEL_DEBUG, System.Logger.Level.DEBUG),
    /** What was loaded and how. */
    INFO(LlamaConstants.GGML_LOG_LEVEL_INFO, System.Logger.Level.INFO),
    /** Something is odd. */
    WARN(LlamaConstants.GGML_LOG_LEVEL_WARN, System.Logger.Level.WARNING),
    /** A call failed; the exception holds the same text. */
    ERROR(LlamaConstants.GGML_LOG_LEVEL_ERROR, System.Logger.Level.ERROR),
    /** As a minimum: nothing is delivered. */
    OFF(Integer.MAX_VALUE, System.Logger.Level.OFF);

    private final int value;
    private final System.Logger.Level systemLevel;

    LogLevel(int value, System.Logger.Level systemLevel) {
        this.value = value;
        this.systemLevel = systemLevel;
    }

    int value() {
        return value;
    }

    /** The level of {@link System.Logger} that stands for this one. */
    public System.Logger.Level systemLevel() {
        return systemLevel;
    }

    static LogLevel of(int value) {
        for (LogLevel level : values()) {
            if (level.value == value) {
                return level;
            }
        }
        return INFO;
    }
}
