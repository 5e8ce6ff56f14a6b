package dev.llamapanama.engine.service;

/**
 * What an {@link InferenceService} has done so far. Immutable.
 *
 * @param submitted requests taken
 * @param rejected requests that found the queue full
 * @param finished choices that ended, cancelled ones and those out of time too
 * @param cancelled choices that were cancelled
 * @param failed requests that failed
 * @param promptTokens tokens of the prompts of all requests that left the queue
 * @param cachedTokens those of them that the prefix cache had
 * @param computedTokens tokens decoded as prompts: prompts without what was cached, with what had to be computed again
 * @param generatedTokens tokens sampled
 * @param draftedTokens tokens that prompt lookup or the draft model guessed ({@code draft_n} of llama-server)
 * @param acceptedTokens those of them that were right ({@code draft_n_accepted})
 * @param cacheLookups requests that asked the prefix cache
 * @param cacheHits those for which it had something
 * @param evictedTokens tokens that the prefix cache gave up to make room, saved or not
 * @param preemptions times that a request lost its KV memory to others and was computed again
 * @param steps batches decoded
 */
public record ServiceStatistics(
        long submitted,
        long rejected,
        long finished,
        long cancelled,
        long failed,
        long promptTokens,
        long cachedTokens,
        long computedTokens,
        long generatedTokens,
        long draftedTokens,
        long acceptedTokens,
        long cacheLookups,
        long cacheHits,
        long evictedTokens,
        long preemptions,
        long steps) {}
