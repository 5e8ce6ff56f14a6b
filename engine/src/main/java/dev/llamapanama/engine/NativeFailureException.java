package dev.llamapanama.engine;

import dev.llamapanama.bindings.NativeCallException;

/** Native code threw a C++ exception, ran out of memory, or failed one of ggml's assertions. */
public final class NativeFailureException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** What stopped the native call. */
    public enum Kind {
        /** A C++ exception; the object can be used on. After a failed {@link Context#decode} see there. */
        EXCEPTION,
        /** Out of native memory; the object can be used on. After a failed {@link Context#decode} see there. */
        OUT_OF_MEMORY,
        /**
         * A failed assertion. The context or sampler that it failed in can no longer be used, and its native memory is not
         * given back; a model whose tokenizer failed can be used on. The message says which it is.
         */
        ABORTED
    }

    private final Kind kind;

    NativeFailureException(String object, NativeCallException cause) {
        this(object, cause, false);
    }

    /** @param broken whether the object can no longer be used */
    NativeFailureException(String object, NativeCallException cause, boolean broken) {
        super(object + ": " + cause.getMessage() + remedy(cause.kind(), broken), cause);
        this.kind = Kind.valueOf(cause.kind().name());
    }

    private static String remedy(NativeCallException.Kind kind, boolean broken) {
        return switch (kind) {
            case EXCEPTION -> "";
            case OUT_OF_MEMORY -> "; use a smaller context, batch or model, or give the machine more memory";
            case ABORTED ->
                (broken ? "; this object can no longer be used" : "")
                        + ". Please report the message: such a call must be refused before it";
        };
    }

    /** What stopped the native call. */
    public Kind kind() {
        return kind;
    }
}
