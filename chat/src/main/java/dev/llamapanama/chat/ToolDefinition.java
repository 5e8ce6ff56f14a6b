package dev.llamapanama.chat;

/**
 * What a model is told of a tool. Immutable.
 *
 * @param name letters, digits, {@code _} and {@code -}; 64 at most
 * @param description what it is for
 * @param parameters JSON schema of an object
 */
public record ToolDefinition(String name, String description, String parameters) {}
