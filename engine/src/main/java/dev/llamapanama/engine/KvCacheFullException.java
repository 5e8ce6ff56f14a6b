package dev.llamapanama.engine;

/**
 * There is no room in the context's memory for the batch ({@code llama_decode} returned 1). The memory is as before the
 * call: remove sequences or positions and decode again.
 */
public final class KvCacheFullException extends LlamaException {
    private static final long serialVersionUID = 1L;

    KvCacheFullException(String message) {
        super(message);
    }
}
