package dev.llamapanama.engine;

/** What can go wrong although the program is right. Each message says what, where and what to do. */
public abstract sealed class LlamaException extends RuntimeException
        permits AdapterException,
                CancelledException,
                ContextCreationException,
                ContextOverflowException,
                DecodeException,
                GrammarException,
                KvCacheFullException,
                ModelLoadException,
                NativeFailureException,
                NativeLibraryException,
                StateException,
                TokenizationException {
    private static final long serialVersionUID = 1L;

    LlamaException(String message) {
        super(message);
    }

    LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
