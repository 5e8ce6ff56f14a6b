package dev.llamapanama.engine;

/** More tokens than the context can ever hold; nothing was computed. */
public final class ContextOverflowException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final int required;
    private final int available;

    /**
     * Makes one.
     *
     * @param required tokens that would have to fit
     * @param available tokens that fit
     */
    public ContextOverflowException(String message, int required, int available) {
        super(message);
        this.required = required;
        this.available = available;
    }

    /** Tokens that would have to fit. */
    public int required() {
        return required;
    }

    /** Tokens that fit. */
    public int available() {
        return available;
    }
}
