package dev.llamapanama.engine.service;

import java.time.Duration;
import java.util.Optional;

/**
 * How an {@link InferenceService} is. Immutable.
 *
 * @param alive whether it takes requests and its threads run
 * @param model name of the model
 * @param running choices that are being computed
 * @param waiting requests in the queue
 * @param kvTokens entries of the KV memories in use, with those of the prefix caches
 * @param kvCapacity entries of the KV memories
 * @param longestStep since when the oldest decode under way has been running; zero if there is none
 * @param lastError what failed last, if anything did
 */
public record ServiceHealth(
        boolean alive,
        String model,
        int running,
        int waiting,
        int kvTokens,
        int kvCapacity,
        Duration longestStep,
        Optional<String> lastError) {
    /** Whether a decode has been running for longer than {@code limit}: the machine is stalled, or far too busy. */
    public boolean isStalled(Duration limit) {
        return longestStep.compareTo(limit) > 0;
    }
}
