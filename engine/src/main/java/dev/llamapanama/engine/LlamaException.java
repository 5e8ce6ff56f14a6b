package dev.llamapanama.engine;

import dev.llamapanama.engine.service.QueueFullException;
import dev.llamapanama.engine.service.SlowConsumerException;

/** What can go wrong although the program is right. Each message says what, where and what to do. */
public abstract sealed class LlamaException extends RuntimeException
        permits AdapterException,
                CancelledException,
                ChatTemplateException,
                ContextCreationException,
                ContextOverflowException,
                DecodeException,
                GrammarException,
                KvCacheFullException,
                ModelLoadException,
                NativeFailureException,
                NativeLibraryException,
                QueueFullException,
                SlowConsumerException,
                StateException,
                TokenizationException {
    private static final long serialVersionUID = 1L;

    /** Only for the classes above. */
    protected LlamaException(String message) {
        super(message);
    }

    /** Only for the classes above. */
    protected LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
