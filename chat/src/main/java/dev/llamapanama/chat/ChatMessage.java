package dev.llamapanama.chat;

import java.util.List;

/**
 * One message of a chat. Immutable.
 *
 * @param role who speaks
 * @param content what is said; may be empty where there are tool calls
 * @param reasoning what the model thought before it spoke; empty if nothing
 * @param toolCalls what the model wants to be called
 * @param toolCallId of a tool's message: which call it answers; else empty
 * @param toolName of a tool's message: which tool has answered; else empty
 */
public record ChatMessage(
        ChatRole role, String content, String reasoning, List<ToolCall> toolCalls, String toolCallId, String toolName) {
    /** @throws IllegalArgumentException if a role has what belongs to another */
    public ChatMessage {
        toolCalls = List.copyOf(toolCalls);
        if (role != ChatRole.ASSISTANT && !(toolCalls.isEmpty() && reasoning.isEmpty())) {
            throw new IllegalArgumentException("only the assistant thinks and calls tools, not " + role);
        }
        if (role != ChatRole.TOOL && !(toolCallId.isEmpty() && toolName.isEmpty())) {
            throw new IllegalArgumentException("only a tool answers a call, not " + role);
        }
    }

    /** What the model is to be and to heed. */
    public static ChatMessage system(String content) {
        return new ChatMessage(ChatRole.SYSTEM, content, "", List.of(), "", "");
    }

    /** What a user says. */
    public static ChatMessage user(String content) {
        return new ChatMessage(ChatRole.USER, content, "", List.of(), "", "");
    }

    /** What the model has said. */
    public static ChatMessage assistant(String content) {
        return new ChatMessage(ChatRole.ASSISTANT, content, "", List.of(), "", "");
    }

    /** What a tool has found. */
    public static ChatMessage tool(ToolCall call, String content) {
        return new ChatMessage(ChatRole.TOOL, content, "", List.of(), call.id(), call.name());
    }
}
