package dev.llamapanama.chat;

/**
 * That a model wants a tool to be called. Immutable.
 *
 * @param id ties the tool's answer to this call
 * @param name of the tool
 * @param arguments a JSON object; of a partial message, the beginning of one
 */
public record ToolCall(String id, String name, String arguments) {}
