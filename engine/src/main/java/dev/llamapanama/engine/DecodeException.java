package dev.llamapanama.engine;

/**
 * {@code llama_decode} or {@code llama_encode} failed. After a code below -1 the context's memory holds the part of the
 * batch that was computed; ask {@link Sequence#maxPosition()} how far it came.
 */
public final class DecodeException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final int code;

    DecodeException(String message, int code) {
        super(message);
        this.code = code;
    }

    /** What the C function returned: -1 for an invalid batch, less for a failed computation. */
    public int code() {
        return code;
    }
}
