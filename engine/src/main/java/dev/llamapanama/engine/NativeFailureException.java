package dev.llamapanama.engine;

import dev.llamapanama.bindings.NativeCallException;

/** Native code threw a C++ exception, ran out of memory, or failed one of ggml's assertions. */
public final class NativeFailureException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** What stopped the native call. */
    public enum Kind {
        /** A C++ exception; the object is as before the call. */
        EXCEPTION,
        /** Out of native memory; the object is as before the call. */
        OUT_OF_MEMORY,
        /** A failed assertion; the object can no longer be used, and its native memory is not given back. */
        ABORTED
    }

    private final Kind kind;

    NativeFailureException(String object, NativeCallException cause) {
        super(object + ": " + cause.getMessage() + remedy(cause.kind()), cause);
        this.kind = Kind.valueOf(cause.kind().name());
    }

    private static String remedy(NativeCallException.Kind kind) {
        return switch (kind) {
            case EXCEPTION -> "";
            case OUT_OF_MEMORY -> "; use a smaller context, batch or model, or give the machine more memory";
            case ABORTED ->
                "; this object can no longer be used. Please report the message: such a call must be refused before it";
        };
    }

    /** What stopped the native call. */
    public Kind kind() {
        return kind;
    }
}
