package dev.llamapanama.bindings;

/**
 * The native libraries cannot be used in this process. The message names the file or the machine's property that is at
 * fault, the reason, and what to do.
 */
public final class NativeLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NativeLoadException(String message) {
        super(message);
    }

    NativeLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
