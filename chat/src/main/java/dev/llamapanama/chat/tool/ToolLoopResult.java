package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatResponse;
import java.util.List;

/**
 * What has come of a {@link ToolLoop}. Immutable.
 *
 * @param outcome how it ended
 * @param last the model's last answer; it is in {@code messages} only if it called no tool, or its calls were made
 * @param messages the whole chat, with what was there before
 * @param toolResults of all rounds, in order
 * @param rounds how often tools were called
 * @param usage of all answers together
 */
public record ToolLoopResult(
        Outcome outcome,
        ChatMessage last,
        List<ChatMessage> messages,
        List<ToolResult> toolResults,
        int rounds,
        ChatResponse.Usage usage) {
    /** How a loop ended. */
    public enum Outcome {
        /** The model has answered without a call. */
        ANSWERED,
        /** The model wanted to call tools once more than it may. */
        MAX_ROUNDS,
        /** The model's answer was cut off by the limit of tokens or the context. Calls in it were not made. */
        TRUNCATED,
        /** The model's answer was cancelled, or its time was over. */
        CANCELLED
    }

    /** Copies the lists. */
    public ToolLoopResult {
        messages = List.copyOf(messages);
        toolResults = List.copyOf(toolResults);
    }

    /**
     * The model's answer.
     *
     * @throws ToolLoopException unless {@link Outcome#ANSWERED}
     */
    public String answer() {
        if (outcome != Outcome.ANSWERED) {
            throw new ToolLoopException(this);
        }
        return last.content();
    }
}
