package dev.llamapanama.bench.compare;

import java.io.IOException;

/** A program that measures one test in a process of its own: the engine, or one that it is compared with. */
interface Contender {
    /** A short name for tables. */
    String name();

    /** What it is, for a line above the table. */
    String description();

    /** Whether it has such a test. */
    boolean supports(CompareTest test);

    /**
     * Loads the model, warms up, and measures.
     *
     * @throws IOException if the program fails or measures something else than asked
     */
    Measured measure(Workload workload) throws IOException, InterruptedException;
}
