package dev.llamapanama.engine;

/** A saved state that is damaged, belongs to another model or context, or cannot be written or read. */
public final class StateException extends LlamaException {
    private static final long serialVersionUID = 1L;

    StateException(String message) {
        super(message);
    }

    StateException(String message, Throwable cause) {
        super(message, cause);
    }
}
