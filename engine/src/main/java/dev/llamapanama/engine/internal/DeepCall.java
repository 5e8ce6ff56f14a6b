package dev.llamapanama.engine.internal;

import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Runs native code that recurses deeper than the stack of an ordinary thread allows. */
public final class DeepCall {
    /** Bytes for what else runs on such a thread. */
    public static final long SPARE_STACK = 1 << 20;

    private DeepCall() {}

    /**
     * Runs {@code call} on a thread of its own, and waits for it. What it throws is thrown here.
     *
     * @param stackBytes size of that thread's stack; only what is used of it takes memory
     * @return what {@code call} returned
     */
    public static <T> T run(long stackBytes, Supplier<T> call) {
        FutureTask<T> task = new FutureTask<>(call::get);
        Thread thread = new Thread(null, task, "llamapanama-deep-call", stackBytes);
        thread.setDaemon(true);
        thread.start();
        join(thread);
        if (task.state() == Future.State.SUCCESS) {
            return task.resultNow();
        }
        switch (task.exceptionNow()) {
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            case Throwable other -> throw new AssertionError(other);
        }
    }

    /** The native call cannot be given up half-way, so an interruption waits. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
