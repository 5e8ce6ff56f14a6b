package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What has come of a question. Immutable.
 *
 * @param outcome how it ended
 * @param answer there if {@link Outcome#ANSWERED}
 * @param steps the transcript
 * @param usage tokens of all steps together
 * @param duration from the question to the end
 */
public record ReActResult(
        Outcome outcome, Optional<String> answer, List<ReActStep> steps, ChatResponse.Usage usage, Duration duration) {
    /** How it ended. */
    public enum Outcome {
        /** The model has answered. */
        ANSWERED,
        /** {@link ReActAgent.Builder#maxSteps} is reached. */
        MAX_STEPS,
        /** {@link ReActAgent.Builder#maxTokens} is reached. */
        MAX_TOKENS,
        /** {@link ReActAgent.Builder#timeout} is over. */
        TIMEOUT,
        /** {@link ReActAgent.Builder#maxParseFailures} answers in a row could not be read. */
        PARSE_FAILURES,
        /** The model's context is full. */
        CONTEXT_FULL,
        /** The model's answer was cancelled. */
        CANCELLED
    }

    /** Copies the list. */
    public ReActResult {
        steps = List.copyOf(steps);
    }
}
