package dev.llamapanama.engine;

/** llama.cpp refused to create a context; the message holds its reason. */
public final class ContextCreationException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ContextCreationException(String message) {
        super(message);
    }

    ContextCreationException(String message, Throwable cause) {
        super(message, cause);
    }
}
