package dev.llamapanama.bindings;

/** Receives llama.cpp's log. Called from any thread, native ones too; must return quickly. */
@FunctionalInterface
public interface LogSink {
    /**
     * Takes one message.
     *
     * @param level {@code ggml_log_level}: 1 debug, 2 info, 3 warn, 4 error, 5 continues the message before it
     * @param text often a whole line with its end, sometimes a part
     */
    void log(int level, String text);
}
