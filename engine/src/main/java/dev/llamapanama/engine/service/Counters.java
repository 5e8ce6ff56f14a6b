package dev.llamapanama.engine.service;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a service does. Thread-safe. */
final class Counters {
    final LongAdder submitted = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder finished = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder promptTokens = new LongAdder();
    final LongAdder cachedTokens = new LongAdder();
    final LongAdder computedTokens = new LongAdder();
    final LongAdder generatedTokens = new LongAdder();
    final LongAdder draftedTokens = new LongAdder();
    final LongAdder acceptedTokens = new LongAdder();
    final LongAdder cacheLookups = new LongAdder();
    final LongAdder cacheHits = new LongAdder();
    final LongAdder evictedTokens = new LongAdder();
    final LongAdder preemptions = new LongAdder();
    final LongAdder steps = new LongAdder();

    ServiceStatistics snapshot() {
        return new ServiceStatistics(
                submitted.sum(),
                rejected.sum(),
                finished.sum(),
                cancelled.sum(),
                failed.sum(),
                promptTokens.sum(),
                cachedTokens.sum(),
                computedTokens.sum(),
                generatedTokens.sum(),
                draftedTokens.sum(),
                acceptedTokens.sum(),
                cacheLookups.sum(),
                cacheHits.sum(),
                evictedTokens.sum(),
                preemptions.sum(),
                steps.sum());
    }
}
