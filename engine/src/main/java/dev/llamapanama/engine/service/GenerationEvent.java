package dev.llamapanama.engine.service;

import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Piece;
import java.time.Duration;

/**
 * What happens to a request, in this order: {@link Started} once, {@link Generated} for each token of each choice, {@link
 * Finished} once for each choice. Immutable.
 */
public sealed interface GenerationEvent {
    /**
     * The request left the queue.
     *
     * @param promptTokens tokens of the prompt, after {@link OverflowPolicy#TRUNCATE_MIDDLE}
     * @param cachedTokens those that the prefix cache had
     * @param queueTime since it was submitted
     */
    record Started(int promptTokens, int cachedTokens, Duration queueTime) implements GenerationEvent {}

    /**
     * A choice has another piece of text.
     *
     * @param choice from 0
     * @param piece its text may be empty
     */
    record Generated(int choice, Piece piece) implements GenerationEvent {}

    /**
     * A choice has ended.
     *
     * @param choice from 0
     * @param result its text, tokens, reason and times
     */
    record Finished(int choice, GenerationResult result) implements GenerationEvent {}
}
