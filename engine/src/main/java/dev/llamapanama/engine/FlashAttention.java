package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** Whether attention is computed without storing its whole matrix ({@code llama_flash_attn_type}). */
public enum FlashAttention {
    /**
     * Where the model can, as the CPU always can. llama.cpp's own AUTO would leave it off where kernels compute it, since these
     * are no device that a layer is placed on.
     */
    AUTO(LlamaConstants.LLAMA_FLASH_ATTN_TYPE_ENABLED),
    DISABLED(LlamaConstants.LLAMA_FLASH_ATTN_TYPE_DISABLED),
    ENABLED(LlamaConstants.LLAMA_FLASH_ATTN_TYPE_ENABLED);

    private final int value;

    FlashAttention(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
