package dev.llamapanama.bench.requests;

import java.io.IOException;

/** What answers requests. Requests come from several threads at once. */
interface Target extends AutoCloseable {
    /**
     * When the tokens of an answer came.
     *
     * @param begin when the request was sent, as {@link System#nanoTime}
     * @param tokens when each piece of the answer came
     */
    record Timeline(long begin, long[] tokens) {
        double firstSeconds() {
            return (tokens[0] - begin) * 1e-9;
        }

        long end() {
            return tokens[tokens.length - 1];
        }
    }

    /** Told of each piece of an answer when it comes. */
    @FunctionalInterface
    interface Listener {
        void token(int index);
    }

    /**
     * Asks for the likeliest answer, and waits for its end.
     *
     * @param gen tokens of the answer
     * @param reuse whether earlier prompts may be used
     */
    Timeline answer(int[] prompt, int gen, boolean reuse, Listener listener) throws IOException, InterruptedException;

    @Override
    void close();
}
