package dev.llamapanama.engine.service;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Events between the thread that decodes, which never waits here, and the one that takes them. */
final class EventBuffer {
    private final ReentrantLock lock = new ReentrantLock(); // and no monitor: virtual threads wait here
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<GenerationEvent> events = new ArrayDeque<>();
    private final int capacity;
    private final Runnable onSpace;
    private boolean full; // from capacity on, until half of it was taken
    private boolean discarding;
    private boolean ended;
    private @Nullable Throwable failure;

    /**
     * Makes one.
     *
     * @param capacity from how many events on it is full; it stays so until half of them were taken
     * @param onSpace called when it was full and is not any more
     */
    EventBuffer(int capacity, Runnable onSpace) {
        this.capacity = capacity;
        this.onSpace = onSpace;
    }

    /** Adds an event, also when it is full: who adds asks {@link #isFull} before it makes more. */
    void add(GenerationEvent event) {
        lock.lock();
        try {
            if (!discarding && !ended) {
                events.add(event);
                full |= events.size() >= capacity;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isFull() {
        lock.lock();
        try {
            return full;
        } finally {
            lock.unlock();
        }
    }

    /** No more events come; what is there can still be taken, and then the failure. */
    void end(@Nullable Throwable cause) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = cause;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nobody wants the events. */
    void discard() {
        boolean wasFull;
        lock.lock();
        try {
            wasFull = full;
            full = false;
            discarding = true;
            events.clear();
        } finally {
            lock.unlock();
        }
        if (wasFull) {
            onSpace.run();
        }
    }

    /**
     * The next event; waits for it.
     *
     * @return empty after the last one
     */
    Optional<GenerationEvent> take() throws InterruptedException {
        GenerationEvent event;
        boolean hasSpace;
        lock.lockInterruptibly();
        try {
            while (events.isEmpty() && !ended) {
                changed.await();
            }
            event = events.poll();
            if (event == null) {
                rethrow();
                return Optional.empty();
            }
            hasSpace = full && events.size() <= capacity / 2;
            full &= !hasSpace;
        } finally {
            lock.unlock();
        }
        if (hasSpace) {
            onSpace.run();
        }
        return Optional.of(event);
    }

    private void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new IllegalStateException(failure);
        }
    }
}
