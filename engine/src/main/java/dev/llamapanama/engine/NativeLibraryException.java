package dev.llamapanama.engine;

/** The native libraries cannot be used on this machine; the message names the file, the reason and the remedy. */
public final class NativeLibraryException extends LlamaException {
    private static final long serialVersionUID = 1L;

    NativeLibraryException(String message) {
        super(message);
    }

    NativeLibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}
