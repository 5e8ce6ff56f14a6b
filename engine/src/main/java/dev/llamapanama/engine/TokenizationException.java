package dev.llamapanama.engine;

/** Text that cannot be tokenized: it is not valid Unicode, or too long. */
public final class TokenizationException extends LlamaException {
    private static final long serialVersionUID = 1L;

    TokenizationException(String message) {
        super(message);
    }

    TokenizationException(String message, Throwable cause) {
        super(message, cause);
    }
}
