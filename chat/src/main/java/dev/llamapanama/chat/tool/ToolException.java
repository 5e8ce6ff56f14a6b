package dev.llamapanama.chat.tool;

/** What goes wrong with tools. */
public abstract sealed class ToolException extends RuntimeException permits ToolFailure, ToolLoopException {
    private static final long serialVersionUID = 1L;

    /** Only for the classes above. */
    protected ToolException(String message) {
        super(message);
    }
}
