package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** How the embeddings of a sequence's tokens become one ({@code llama_pooling_type}). */
public enum Pooling {
    /** What the model says. */
    FROM_MODEL(LlamaConstants.LLAMA_POOLING_TYPE_UNSPECIFIED),
    /** Not at all: one embedding per token. */
    NONE(LlamaConstants.LLAMA_POOLING_TYPE_NONE),
    MEAN(LlamaConstants.LLAMA_POOLING_TYPE_MEAN),
    /** That of the first token. */
    CLS(LlamaConstants.LLAMA_POOLING_TYPE_CLS),
    /** That of the last token. */
    LAST(LlamaConstants.LLAMA_POOLING_TYPE_LAST),
    /** The classifier's scores, for rerankers. */
    RANK(LlamaConstants.LLAMA_POOLING_TYPE_RANK);

    private final int value;

    Pooling(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }

    static Pooling of(int value) {
        for (Pooling pooling : values()) {
            if (pooling.value == value) {
                return pooling;
            }
        }
        throw new IllegalArgumentException("unknown pooling type " + value);
    }
}
