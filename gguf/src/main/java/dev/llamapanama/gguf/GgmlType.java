package dev.llamapanama.gguf;

import java.util.Optional;

/**
 * The element types of tensors, {@code enum ggml_type} of llama.cpp v0.5.0.
 *
 * <p>A quantized type stores its elements in blocks: {@link #blockSize()} elements in {@link #blockBytes()} bytes. A
 * plain type is a block of one element. Ids that llama.cpp has removed (4, 5, 31 to 33, 36 to 38) have no constant.
 */
public enum GgmlType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18),
    Q2_0(42, 64, 18);

    private static final GgmlType[] BY_ID = new GgmlType[43];

    static {
        for (GgmlType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    GgmlType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The number of this type in files. */
    public int id() {
        return id;
    }

    /** Elements in one block; each row of a tensor is a whole number of blocks. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether a block holds more than one element. */
    public boolean isQuantized() {
        return blockSize > 1;
    }

    /**
     * Bytes of a row of {@code elements} elements.
     *
     * @throws IllegalArgumentException if {@code elements} is negative or no multiple of {@link #blockSize()}
     * @throws ArithmeticException if the result is above {@link Long#MAX_VALUE}
     */
    public long rowBytes(long elements) {
        if (elements < 0 || elements % blockSize != 0) {
            throw new IllegalArgumentException(
                    elements + " elements are no whole number of " + this + " blocks of " + blockSize + " elements");
        }
        return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    }

    /** The type with the given id; empty if llama.cpp v0.5.0 knows none, or has removed it. */
    public static Optional<GgmlType> byId(int id) {
        return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[id]);
    }
}
