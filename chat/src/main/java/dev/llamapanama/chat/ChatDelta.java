package dev.llamapanama.chat;

/** What is new of an answer. */
public sealed interface ChatDelta {
    /** More of the content. */
    record Content(String text) implements ChatDelta {}

    /** More of what the model thinks. */
    record Reasoning(String text) implements ChatDelta {}

    /**
     * More of a tool call.
     *
     * @param index of the call in the message
     * @param id of the call
     * @param name of the tool; empty if it was told before
     * @param arguments what is new of the arguments
     */
    record ToolCallPart(int index, String id, String name, String arguments) implements ChatDelta {}
}
