package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells on standard error how far a piece of work is: a bar on a terminal, else a line for each part. Not thread-safe.
 */
public interface Progress extends AutoCloseable {
    /**
     * A part of the work begins.
     *
     * @param name some letters, since a bar has little room
     * @param details what else is good to know in a log
     */
    void part(String name, String details);

    /** So much more is done. */
    void advance(long units);

    @Override
    void close();

    /** Tells nothing. */
    static Progress none() {
        return new Lines("", new PrintStream(OutputStream.nullOutputStream()));
    }

    /**
     * Begins.
     *
     * @param task what is done, in a word or two
     * @param unit what is shown, with a space before it; empty for mere numbers
     * @param unitSize how much of what is counted makes one of what is shown
     * @param total how much there is to do
     */
    static Progress start(String task, String unit, long unitSize, long total) {
        return isTerminal() ? new Bar(task, unit, unitSize, total) : new Lines(task, System.err);
    }

    /** Whether standard error goes to a terminal. {@link System#console} tells only about the other two streams. */
    private static boolean isTerminal() {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
            return target.startsWith("/dev/pts") || target.toString().matches("/dev/(tty.*|console)");
        } catch (IOException e) {
            return false;
        }
    }

    /** A bar in the last line of a terminal. */
    final class Bar implements Progress {
        // The bar has a thread of its own, and the computing threads need all cores: let it wake up seldom.
        private static final int UPDATE_INTERVAL_MS = 500;

        private final ProgressBar bar;

        private Bar(String task, String unit, long unitSize, long total) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setUnit(unit, unitSize)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(UPDATE_INTERVAL_MS)
                    .clearDisplayOnFinish()
                    .build();
        }

        @Override
        public void part(String name, String details) {
            bar.setExtraMessage(name);
        }

        @Override
        public void advance(long units) {
            bar.stepBy(units);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** Lines for a log. */
    final class Lines implements Progress {
        private final String task;
        private final PrintStream out;

        Lines(String task, PrintStream out) {
            this.task = task;
            this.out = out;
        }

        @Override
        public void part(String name, String details) {
            out.println(task + ": " + name + details);
        }

        @Override
        public void advance(long units) {
            // a line for each part is enough
        }

        @Override
        public void close() {
            // nothing to end
        }
    }
}
