package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** Number formats that CPUs have multiplication instructions for ({@code enum llamapanama_format}). */
public enum MultiplyFormat {
    /** Single precision; sums are single precision. */
    F32(LlamaConstants.LLAMAPANAMA_FORMAT_F32),
    /** Brain floating point; sums are single precision. */
    BF16(LlamaConstants.LLAMAPANAMA_FORMAT_BF16),
    /** Bytes; sums are 32-bit integers. */
    INT8(LlamaConstants.LLAMAPANAMA_FORMAT_INT8);

    private final int value;

    MultiplyFormat(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
