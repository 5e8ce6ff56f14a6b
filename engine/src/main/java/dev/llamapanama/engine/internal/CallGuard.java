package dev.llamapanama.engine.internal;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time into a native object, and its closer after the last one. A second thread gets an exception
 * instead of waiting, because two threads on one object are an error in the program.
 */
public final class CallGuard {
    private static final long CLOSE_POLL_NANOS = 10_000_000;

    private final String object;
    private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();
    private volatile @Nullable Thread closer;
    private String operation = ""; // written by the owner; others read it for a message only

    /** @param object its name in messages */
    public CallGuard(String object) {
        this.object = object;
    }

    /** Enters; not from within another call. Pair it with {@link #exit()}. */
    public void enter(String newOperation) {
        Thread me = Thread.currentThread();
        if (closer != null) {
            throw new IllegalStateException(object + " is closed");
        }
        if (!owner.compareAndSet(null, me)) {
            throw busy(newOperation, me);
        }
        operation = newOperation;
        if (closer != null) {
            exit();
            throw new IllegalStateException(object + " is closed");
        }
    }

    /**
     * Enters to read what the last call left; allowed within another call of the same thread.
     *
     * @return whether {@link #exit()} must follow
     */
    public boolean enterToRead(String newOperation) {
        if (owner.get() == Thread.currentThread()) {
            return false;
        }
        enter(newOperation);
        return true;
    }

    /** Leaves. */
    public void exit() {
        owner.setRelease(null); // no full fence: a closer that is missed below looks for itself, and soon
        Thread waiting = closer;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /** Whether {@link #close} was called, even if it still waits. */
    public boolean isClosing() {
        return closer != null;
    }

    /** Whether a thread is inside. */
    public boolean isBusy() {
        return owner.get() != null;
    }

    /** {@link #close(Runnable)} for calls that cannot be stopped. */
    public void close() {
        close(() -> {});
    }

    /**
     * Shuts the door, asks the thread inside to leave, and waits until it has left.
     *
     * @param stop asks it; runs if there is one, and nobody can enter any more
     * @throws IllegalStateException if that thread is the caller
     */
    public void close(Runnable stop) {
        refuseFromWithin();
        Thread me = Thread.currentThread();
        closer = me;
        if (isBusy()) {
            stop.run();
        }
        boolean interrupted = false;
        while (owner.get() != null) {
            LockSupport.parkNanos(this, CLOSE_POLL_NANOS);
            interrupted |= Thread.interrupted(); // parking would return at once, and the wait cannot be given up
        }
        if (interrupted) {
            me.interrupt();
        }
    }

    /** Throws {@link IllegalStateException} if the caller is inside, because it would wait for itself. */
    private void refuseFromWithin() {
        if (owner.get() == Thread.currentThread()) {
            throw new IllegalStateException(object + " cannot be closed from within " + operation + " on it");
        }
    }

    private IllegalStateException busy(String newOperation, Thread me) {
        Thread other = owner.get();
        if (other == me) {
            return new IllegalStateException(newOperation + " on " + object + " from within " + operation + " on it");
        }
        return new IllegalStateException(
                "%s on %s by thread '%s', while thread '%s' is in %s; use it from one thread at a time"
                        .formatted(
                                newOperation, object, me.getName(), other == null ? "?" : other.getName(), operation));
    }
}
