package dev.llamapanama.engine;

/** A LoRA adapter or control vector that cannot be loaded, or does not fit the model. */
public final class AdapterException extends LlamaException {
    private static final long serialVersionUID = 1L;

    AdapterException(String message) {
        super(message);
    }

    AdapterException(String message, Throwable cause) {
        super(message, cause);
    }
}
