package dev.llamapanama.engine.internal;

/** Runs native code that recurses deeper than the stack of an ordinary thread allows. */
public final class DeepCall {
    private DeepCall() {}

    /**
     * Runs {@code call} on a thread of its own, and waits for it. What it throws is thrown here.
     *
     * @param stackBytes size of that thread's stack; only what is used of it takes memory
     */
    public static void run(long stackBytes, Runnable call) {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        call.run();
                    } catch (Throwable thrown) {
                        failure[0] = thrown;
                    }
                },
                "llamapanama-deep-call",
                stackBytes);
        thread.setDaemon(true);
        thread.start();
        join(thread);
        switch (failure[0]) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new AssertionError(failure[0]);
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
