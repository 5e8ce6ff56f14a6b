package dev.llamapanama.engine.service;

import dev.llamapanama.engine.FinishReason;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait, in the order in which they should be served: by priority, then as they came. Shared by the threads that
 * submit and those that decode.
 */
final class RequestQueue {
    /** What to do with the request that was looked at. */
    enum Verdict {
        /** It leaves the queue. */
        TAKE,
        /** It stays, and the next one is looked at. */
        SKIP,
        /** It stays, and nobody behind it goes before it. */
        STOP
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TreeSet<Request> waiting = new TreeSet<>(
            Comparator.comparingInt((Request request) -> request.spec().priority())
                    .reversed()
                    .thenComparingLong(Request::id));
    private final int capacity;
    private boolean closed;
    private long changes;

    RequestQueue(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Adds a request.
     *
     * @return false if the queue is full
     * @throws IllegalStateException if it is closed
     */
    boolean offer(Request request) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the service is closed");
            }
            if (waiting.size() >= capacity) {
                return false;
            }
            waiting.add(request);
            wake();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a request back that had left; beyond the capacity too, and when the queue is closed. */
    void putBack(Request request) {
        lock.lock();
        try {
            waiting.add(request);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is no room; it may change at once. */
    boolean isFull() {
        return size() >= capacity;
    }

    /** Takes a request out that waits; false if it does not. */
    boolean remove(Request request) {
        lock.lock();
        try {
            return waiting.remove(request);
        } finally {
            lock.unlock();
        }
    }

    /** Looks at the requests in their order, and takes the first that should be taken. */
    @Nullable
    Request poll(Function<Request, Verdict> decision) {
        lock.lock();
        try {
            for (Iterator<Request> i = waiting.iterator(); i.hasNext(); ) {
                Request request = i.next();
                Verdict verdict = decision.apply(request);
                if (verdict == Verdict.TAKE) {
                    i.remove();
                    return request;
                }
                if (verdict == Verdict.STOP) {
                    return null;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out those that were cancelled or are out of time, with the reason. */
    Map<Request, FinishReason> removeInterrupted() {
        Map<Request, FinishReason> removed = Map.of(); // nearly always
        lock.lock();
        try {
            for (Iterator<Request> i = waiting.iterator(); i.hasNext(); ) {
                Request request = i.next();
                FinishReason reason = request.interruption();
                if (reason != null) {
                    i.remove();
                    removed = removed.isEmpty() ? new LinkedHashMap<>() : removed;
                    removed.put(request, reason);
                }
            }
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** All that wait. */
    List<Request> snapshot() {
        lock.lock();
        try {
            return List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** No more requests come in. */
    void close() {
        lock.lock();
        try {
            closed = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Something happened that a waiting thread may want to see. */
    void signal() {
        lock.lock();
        try {
            wake();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        changes++;
        changed.signalAll();
    }

    /** Number of signals so far; for {@link #await}. */
    long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something has happened since there were {@code seen} changes, or the time is over. */
    void await(long seen, long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (changes == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // nobody interrupts this thread on purpose; the loop looks at what there is to do
        } finally {
            lock.unlock();
        }
    }
}
