package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ToolDefinition;
import dev.llamapanama.chat.tool.ToolResult;
import java.util.List;

/** How a model writes what it thinks and does, and reads what it has found. Thread-safe. */
public interface ReActProtocol {
    /** What to tell the model of the tools, and of how to write. */
    String instructions(List<ToolDefinition> tools);

    /** Where the model must stop, since it would invent what its tools find. */
    List<String> stopStrings();

    /**
     * Reads a whole answer. Never throws, whatever the text.
     *
     * @param tools whose parameters give positional arguments their names
     */
    ReActTurn parse(String text, List<ToolDefinition> tools);

    /**
     * Reads the beginning of an answer: what is in the result will not change as the text goes on. Thought and answer grow at
     * their end, actions are added. Never throws.
     */
    ReActTurn parsePartial(String text, List<ToolDefinition> tools);

    /** What the tools have found, and what could not be read, for the model. */
    ChatMessage observation(List<ToolResult> results, List<String> problems);

    /**
     * {@code Thought:}, {@code Action:}, {@code Action Input:}, {@code Observation:}, {@code Final Answer:}; for models without a
     * format of their own. After <a href="https://arxiv.org/abs/2210.03629">ReAct</a>.
     */
    static ReActProtocol text() {
        return new TextProtocol();
    }

    /**
     * {@code <think>}, {@code <tool_call>}, {@code <tool_response>}, {@code <answer>}; for Qwen, Tongyi-DeepResearch and the
     * like, which are trained on it.
     */
    static ReActProtocol tags() {
        return new TagProtocol();
    }
}
