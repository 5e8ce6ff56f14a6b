package dev.llamapanama.bench.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Cancels a piece of work when the JVM is told to end (Ctrl-C), and gives it some time to end in good order. */
public final class CancelOnExit implements AutoCloseable {
    private static final long PATIENCE_S = 5;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;

    /**
     * @param cancel is called by another thread
     */
    public CancelOnExit(Runnable cancel) {
        hook = new Thread(() -> cancelAndWait(cancel), "cancel-on-exit");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void cancelAndWait(Runnable cancel) {
        cancel.run();
        try {
            finished.await(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending
        }
    }
}
