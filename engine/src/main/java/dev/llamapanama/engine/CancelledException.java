package dev.llamapanama.engine;

/** The call was cancelled: by {@link Context#cancel()}, by closing the context, or by a load listener. */
public final class CancelledException extends LlamaException {
    private static final long serialVersionUID = 1L;

    CancelledException(String message) {
        super(message);
    }

    CancelledException(String message, Throwable cause) {
        super(message, cause);
    }
}
