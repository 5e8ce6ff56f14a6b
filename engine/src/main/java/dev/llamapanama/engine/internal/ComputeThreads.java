package dev.llamapanama.engine.internal;

import dev.llamapanama.bindings.Llama;

/** The native threads that compute for a Java thread. OpenMP keeps a team for each thread that has computed, as long as it lives. */
public final class ComputeThreads {
    private ComputeThreads() {}

    /**
     * Ends those of the calling thread until it computes again, if there are other contexts that they could slow down. GCC's
     * OpenMP counts the threads of all teams, and when they are more than the CPUs, those that wait for each other sleep at once in
     * place of spinning: measured with two services on 2 cores, one of them idle, generation took twice as long. To make them again
     * costs some time, and the process its life if no thread can be made.
     *
     * @return whether they were ended
     */
    public static boolean release() {
        return OpenHandles.names().stream()
                                .filter(name -> name.startsWith("Context"))
                                .count()
                        > 1
                && Llama.releaseThreads();
    }
}
