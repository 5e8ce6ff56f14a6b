package dev.llamapanama.engine.service;

import org.jspecify.annotations.Nullable;

/**
 * A beginning of prompts that stays in the prefix cache until it is closed, as a system prompt; made by {@link
 * InferenceService#pin}. Thread-safe. With several contexts, it is kept in the one that computed it.
 */
public final class PinnedPrefix implements AutoCloseable {
    private final PrefixCache.Lease lease = new PrefixCache.Lease(); // used by the thread that decodes
    private volatile @Nullable Scheduler owner;
    private volatile int length;
    private boolean closed; // guarded by this

    PinnedPrefix() {}

    PrefixCache.Lease lease() {
        return lease;
    }

    /** On the thread that decodes, when it is in the cache. */
    void owner(Scheduler scheduler) {
        length = lease.length();
        owner = scheduler;
    }

    /** Tokens that are kept: all of the prefix, or none where the prefix cache is off or others keep its sequences. */
    public int length() {
        return length;
    }

    /** Lets the prefix cache give it up when it needs room. Does nothing the second time. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Scheduler keeper = owner;
            if (keeper != null) {
                keeper.unpin(lease);
            }
        }
    }
}
