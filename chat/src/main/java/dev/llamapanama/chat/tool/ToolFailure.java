package dev.llamapanama.chat.tool;

/**
 * Thrown by a handler to tell the model what went wrong. The model reads the message, so it must hold no secret. Of any other
 * exception the model learns the class's name only.
 */
public final class ToolFailure extends ToolException {
    private static final long serialVersionUID = 1L;

    /** With what the model is to read: what is wrong, and what to do. */
    public ToolFailure(String message) {
        super(message);
    }
}
