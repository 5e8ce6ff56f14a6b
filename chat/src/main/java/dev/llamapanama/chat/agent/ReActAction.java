package dev.llamapanama.chat.agent;

/**
 * What a model wants done. Immutable.
 *
 * @param name of the tool; there may be none of this name
 * @param arguments a JSON object, mended where the model's was not quite one; does not have to follow the tool's schema
 */
public record ReActAction(String name, String arguments) {}
