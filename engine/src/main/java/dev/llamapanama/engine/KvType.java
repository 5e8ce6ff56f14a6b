package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** Number formats of a context's memory ({@code ggml_type}); those that llama.cpp's tools offer. */
public enum KvType {
    F32(LlamaConstants.GGML_TYPE_F32, 32, 1),
    /** The default. */
    F16(LlamaConstants.GGML_TYPE_F16, 16, 1),
    BF16(LlamaConstants.GGML_TYPE_BF16, 16, 1),
    /** 34 bytes for 32 values. */
    Q8_0(LlamaConstants.GGML_TYPE_Q8_0, 8.5, 32),
    /** 18 bytes for 32 values. */
    Q4_0(LlamaConstants.GGML_TYPE_Q4_0, 4.5, 32),
    Q4_1(LlamaConstants.GGML_TYPE_Q4_1, 5, 32),
    IQ4_NL(LlamaConstants.GGML_TYPE_IQ4_NL, 4.5, 32),
    Q5_0(LlamaConstants.GGML_TYPE_Q5_0, 5.5, 32),
    Q5_1(LlamaConstants.GGML_TYPE_Q5_1, 6, 32);

    private final int value;
    private final double bitsPerValue;
    private final int blockSize;

    KvType(int value, double bitsPerValue, int blockSize) {
        this.value = value;
        this.bitsPerValue = bitsPerValue;
        this.blockSize = blockSize;
    }

    int value() {
        return value;
    }

    /** Bits that one value takes. */
    public double bitsPerValue() {
        return bitsPerValue;
    }

    /** Values that are stored together; the head size of the model must be a multiple of it. */
    public int blockSize() {
        return blockSize;
    }

    /**
     * llama.cpp asserts that a head is a whole number of blocks.
     *
     * @param option whose value this type is
     * @param headLength values of a head
     * @param model to be named in the message
     * @throws IllegalArgumentException if it is not
     */
    void requireWholeBlocks(String option, long headLength, Object model) {
        if (headLength % blockSize != 0) {
            throw new IllegalArgumentException(option + " " + this + " stores " + blockSize
                    + " values together, but the heads of " + model + " have " + headLength + "; use F16");
        }
    }

    /** Whether values are stored in blocks; for values (V) this needs flash attention. */
    public boolean isQuantized() {
        return blockSize > 1;
    }
}
