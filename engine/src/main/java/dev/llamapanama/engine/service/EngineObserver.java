package dev.llamapanama.engine.service;

import dev.llamapanama.engine.FinishReason;
import java.time.Duration;

/**
 * Is told what an {@link InferenceService} does; for metrics and traces. All methods do nothing by default.
 *
 * <p>Called on the threads that decode, that submit ({@link #queued}, {@link #rejected}) and that cancel a waiting request ({@link
 * #finished}), so they must be thread-safe, and short. {@link #queued} may come after {@link #started}. What they throw is logged
 * once and otherwise ignored. No prompt, token or text is passed.
 */
public interface EngineObserver {
    /**
     * A request came into the queue.
     *
     * @param waiting requests in the queue, with this one
     */
    default void queued(long request, int promptTokens, int waiting) {}

    /** A request was not taken: the queue was full. */
    default void rejected() {}

    /**
     * A request left the queue.
     *
     * @param cachedTokens tokens of its prompt that the prefix cache had
     */
    default void started(long request, int promptTokens, int cachedTokens, Duration queueTime) {}

    /** The first token of a request's first choice came. */
    default void firstToken(long request, Duration sinceSubmitted) {}

    /** Another token of a choice came. */
    default void token(long request, int choice, Duration sinceLast) {}

    /** A choice has ended. */
    default void finished(
            long request, int choice, FinishReason reason, int generatedTokens, Duration sinceSubmitted) {}

    /** A request has failed. */
    default void failed(long request, Throwable cause) {}

    /** A batch was decoded. */
    default void step(StepSummary step) {}

    /** The prefix cache gave up tokens to make room, saved or not. */
    default void evicted(int tokens) {}

    /**
     * Guessed tokens were checked.
     *
     * @param drafted how many were guessed
     * @param accepted how many of them were right
     */
    default void drafted(int drafted, int accepted) {}

    /**
     * One decode.
     *
     * @param prefillTokens tokens of prompts
     * @param decodeTokens tokens of answers, guessed ones too
     * @param running choices that are being computed
     * @param waiting requests in the queue
     * @param kvTokens entries of the KV memory in use, of those of the prefix cache too
     * @param kvCapacity entries of the KV memory
     * @param elapsed time of the decode
     */
    record StepSummary(
            int prefillTokens,
            int decodeTokens,
            int running,
            int waiting,
            int kvTokens,
            int kvCapacity,
            Duration elapsed) {}
}
