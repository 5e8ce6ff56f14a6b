package dev.llamapanama.chat.schema;

/** Why there is no answer of the wanted structure. Each message says what, where and what to do, and has no text of the answer. */
public abstract sealed class StructuredOutputException extends RuntimeException
        permits InvalidOutputException, TruncatedOutputException, UnsupportedSchemaException {
    private static final long serialVersionUID = 1L;

    /** Only for the classes above. */
    protected StructuredOutputException(String message) {
        super(message);
    }
}
