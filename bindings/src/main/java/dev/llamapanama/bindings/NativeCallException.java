package dev.llamapanama.bindings;

/**
 * A guarded native call ended in a C++ exception, ran out of memory, or was stopped by one of ggml's assertions
 * ({@code enum llamapanama_error_kind}).
 */
public final class NativeCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What stopped the call. What it had changed by then stays changed: a decode may have put cells into the memory. */
    public enum Kind {
        /** A C++ exception; the objects of the call can be used on. */
        EXCEPTION,
        /** {@code std::bad_alloc} or {@code std::length_error}; the objects of the call can be used on. */
        OUT_OF_MEMORY,
        /**
         * {@code GGML_ASSERT} or {@code GGML_ABORT}; the objects that the call changes are in an unknown state, those that it
         * only reads are not.
         */
        ABORTED
    }

    private final Kind kind;
    private final String nativeMessage;

    NativeCallException(Kind kind, String call, String nativeMessage) {
        super(call + ": " + nativeMessage);
        this.kind = kind;
        this.nativeMessage = nativeMessage;
    }

    /** What stopped the call. */
    public Kind kind() {
        return kind;
    }

    /** The text from native code alone, without the function's name. */
    public String nativeMessage() {
        return nativeMessage;
    }
}
