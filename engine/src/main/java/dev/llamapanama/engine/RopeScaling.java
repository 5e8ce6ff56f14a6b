package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** How positions are stretched beyond the training's context length ({@code llama_rope_scaling_type}). */
public enum RopeScaling {
    /** What the model says. */
    FROM_MODEL(LlamaConstants.LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED),
    NONE(LlamaConstants.LLAMA_ROPE_SCALING_TYPE_NONE),
    LINEAR(LlamaConstants.LLAMA_ROPE_SCALING_TYPE_LINEAR),
    /** YaRN, <a href="https://arxiv.org/abs/2309.00071">arXiv:2309.00071</a>. */
    YARN(LlamaConstants.LLAMA_ROPE_SCALING_TYPE_YARN),
    LONGROPE(LlamaConstants.LLAMA_ROPE_SCALING_TYPE_LONGROPE);

    private final int value;

    RopeScaling(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
