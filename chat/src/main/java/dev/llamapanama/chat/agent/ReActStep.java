package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatResponse;
import dev.llamapanama.chat.tool.ToolResult;
import java.util.List;

/**
 * One answer of the model, and what came of it. Immutable.
 *
 * @param text what the model wrote
 * @param turn what it means
 * @param observations what the tools have found, in the order of the actions
 * @param usage tokens that it took
 */
public record ReActStep(String text, ReActTurn turn, List<ToolResult> observations, ChatResponse.Usage usage) {
    /** Copies the list. */
    public ReActStep {
        observations = List.copyOf(observations);
    }
}
