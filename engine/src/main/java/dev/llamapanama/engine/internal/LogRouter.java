package dev.llamapanama.engine.internal;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.LlamaConstants;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes llama.cpp's log, makes lines of it, remembers the last warnings and errors of each thread (because C functions
 * that fail return NULL and write the reason to the log), and passes on what the user wants to see.
 */
public final class LogRouter {
    /** Receives whole lines. */
    @FunctionalInterface
    public interface LineSink {
        /** @param level {@code ggml_log_level} */
        void line(int level, String text);
    }

    /** Whoever asked native code to stop, so that the errors that it then logs are no news. */
    public interface Stopper {
        /** Whether the computation under way was asked to stop. */
        boolean stopRequested();
    }

    private static final int REMEMBERED = 8;
    private static final int MAX_LINE = 4096;
    private static final ThreadLocal<Lines> LINES = ThreadLocal.withInitial(Lines::new);

    private static volatile LineSink sink = (level, text) -> {};
    private static volatile int minLevel = LlamaConstants.GGML_LOG_LEVEL_WARN;
    private static volatile boolean installed;

    private LogRouter() {}

    /** One thread's unfinished line, and the last lines of warnings and errors. */
    private static final class Lines {
        final StringBuilder unfinished = new StringBuilder();
        final ArrayDeque<String> remembered = new ArrayDeque<>();
        int level;
        long count;

        @Nullable
        Stopper stopper;
    }

    /** Starts to receive; the libraries must be loaded. */
    public static synchronized void install() {
        installed = true;
        // warnings and errors are always wanted, for the messages of exceptions
        Llama.setLog(Math.min(minLevel, LlamaConstants.GGML_LOG_LEVEL_WARN), LogRouter::receive);
    }

    /** Sets who hears lines of at least {@code level}. */
    public static synchronized void deliver(int level, LineSink newSink) {
        minLevel = level;
        sink = newSink;
        if (installed) {
            install();
        }
    }

    /**
     * A mark as {@link #mark()}; until {@link #endStoppable}, errors that this thread logs after it was asked to stop are
     * delivered as debug lines only.
     */
    public static long beginStoppable(Stopper stopper) {
        Lines lines = LINES.get();
        lines.stopper = stopper;
        return lines.count;
    }

    /** Ends what {@link #beginStoppable} began. */
    public static void endStoppable() {
        LINES.get().stopper = null;
    }

    /** A mark for {@link #since}: what this thread has logged so far. */
    public static long mark() {
        return LINES.get().count;
    }

    /** The last warnings and errors that this thread logged since a mark, oldest first. */
    public static List<String> since(long mark) {
        Lines lines = LINES.get();
        int n = (int) Math.min(lines.count - mark, lines.remembered.size());
        return lines.remembered.stream().skip(lines.remembered.size() - n).toList();
    }

    /** {@link #since} as the end of a message: {@code ": line; line"}, or nothing. */
    public static String reasonSince(long mark) {
        List<String> lines = since(mark);
        return lines.isEmpty() ? "" : ": " + String.join("; ", lines);
    }

    /** Takes a part of the log. */
    static void receive(int level, String text) {
        Lines lines = LINES.get();
        if (level != LlamaConstants.GGML_LOG_LEVEL_CONT) {
            if (!lines.unfinished.isEmpty()) {
                finish(lines);
            }
            lines.level = level;
        }
        lines.unfinished.append(text);
        if (text.endsWith("\n") || lines.unfinished.length() > MAX_LINE) {
            finish(lines);
        }
    }

    private static void finish(Lines lines) {
        String line = lines.unfinished.toString().stripTrailing();
        lines.unfinished.setLength(0);
        if (line.isEmpty()) {
            return;
        }
        if (lines.level >= LlamaConstants.GGML_LOG_LEVEL_WARN) {
            if (lines.remembered.size() == REMEMBERED) {
                lines.remembered.removeFirst();
            }
            lines.remembered.addLast(line);
            lines.count++;
        }
        Stopper stopper = lines.stopper;
        int level = stopper != null && stopper.stopRequested() ? LlamaConstants.GGML_LOG_LEVEL_DEBUG : lines.level;
        if (level >= minLevel) {
            sink.line(level, line);
        }
    }
}
