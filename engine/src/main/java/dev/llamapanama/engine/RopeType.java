package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** How a model encodes positions ({@code llama_rope_type}). */
public enum RopeType {
    /** Not by rotation. */
    NONE(LlamaConstants.LLAMA_ROPE_TYPE_NONE),
    NORM(LlamaConstants.LLAMA_ROPE_TYPE_NORM),
    NEOX(LlamaConstants.LLAMA_ROPE_TYPE_NEOX),
    /** Several positions per token, for images; positions may jump forward and cannot be shifted. */
    MROPE(LlamaConstants.LLAMA_ROPE_TYPE_MROPE),
    /** A variant of {@link #MROPE}. */
    IMROPE(LlamaConstants.LLAMA_ROPE_TYPE_IMROPE),
    VISION(LlamaConstants.LLAMA_ROPE_TYPE_VISION);

    private final int value;

    RopeType(int value) {
        this.value = value;
    }

    static RopeType of(int value) {
        for (RopeType type : values()) {
            if (type.value == value) {
                return type;
            }
        }
        throw new IllegalArgumentException("unknown rope type " + value);
    }

    /** Whether a token has several positions. */
    boolean isMultiple() {
        return this == MROPE || this == IMROPE;
    }
}
