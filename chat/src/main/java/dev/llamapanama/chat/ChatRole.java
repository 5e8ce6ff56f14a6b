package dev.llamapanama.chat;

/** Who speaks in a {@link ChatMessage}. */
public enum ChatRole {
    /** What the model is to be and to heed. */
    SYSTEM,
    /** Who asks. */
    USER,
    /** The model. */
    ASSISTANT,
    /** What a tool has found. */
    TOOL
}
