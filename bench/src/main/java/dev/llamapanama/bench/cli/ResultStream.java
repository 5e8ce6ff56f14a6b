package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;

/** Results that are written as they come. Not thread-safe. */
public final class ResultStream implements AutoCloseable {
    private final PrintWriter writer;
    private final boolean owned;

    /**
     * @param owned whether the writer is closed in the end
     */
    ResultStream(PrintWriter writer, boolean owned) {
        this.writer = writer;
        this.owned = owned;
    }

    /**
     * Hands text to the operating system at once.
     *
     * @throws IOException if it does not take it
     */
    public void write(String text) throws IOException {
        writer.print(text);
        if (writer.checkError()) { // flushes
            throw new IOException("Cannot write the results");
        }
    }

    @Override
    public void close() {
        if (owned) {
            writer.close();
        }
    }
}
