package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** Which tokens a token sees ({@code llama_attention_type}). */
public enum Attention {
    /** What the model says. */
    FROM_MODEL(LlamaConstants.LLAMA_ATTENTION_TYPE_UNSPECIFIED),
    /** Those before it. */
    CAUSAL(LlamaConstants.LLAMA_ATTENTION_TYPE_CAUSAL),
    /** All of its batch, which must then fit into {@link ContextOptions#ubatchSize()}. */
    NON_CAUSAL(LlamaConstants.LLAMA_ATTENTION_TYPE_NON_CAUSAL);

    private final int value;

    Attention(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
