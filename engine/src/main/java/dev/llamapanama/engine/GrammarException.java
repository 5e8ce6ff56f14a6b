package dev.llamapanama.engine;

/** A grammar that does not parse, or a token that it does not allow. */
public final class GrammarException extends LlamaException {
    private static final long serialVersionUID = 1L;

    GrammarException(String message) {
        super(message);
    }

    GrammarException(String message, Throwable cause) {
        super(message, cause);
    }
}
