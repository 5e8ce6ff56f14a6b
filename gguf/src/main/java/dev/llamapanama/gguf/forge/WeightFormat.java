package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgmlType;

/**
 * How weights are stored: a type for most matrices, and llama-quantize's rules for the others.
 *
 * <p>Tensor by tensor the types are those that {@code llama-quantize} of llama.cpp v0.5.0 chooses without an importance
 * matrix ({@code src/llama-quant.cpp}), so that a forged model has the size and the kernels of the real one.
 */
public enum WeightFormat {
    F32(GgmlType.F32, 0),
    F16(GgmlType.F16, 1),
    BF16(GgmlType.BF16, 32),
    Q8_0(GgmlType.Q8_0, 7),
    Q4_0(GgmlType.Q4_0, 2),
    /** Q4_K, with Q6_K for the output and for the value and down matrices of about half of the layers. */
    Q4_K_M(GgmlType.Q4_K, 15);

    private final GgmlType matrixType;
    private final int fileType;

    WeightFormat(GgmlType matrixType, int fileType) {
        this.matrixType = matrixType;
        this.fileType = fileType;
    }

    /** The value of {@code general.file_type}, {@code enum llama_ftype}. */
    public int fileType() {
        return fileType;
    }

    /** The type of most matrices. */
    public GgmlType matrixType() {
        return matrixType;
    }

    /**
     * The type of a tensor.
     *
     * @param valueIndex how many value (or fused query, key, value) matrices come before this one
     * @param valueCount how many of them the model has
     */
    GgmlType typeOf(TensorPlan plan, ModelSpec spec, int valueIndex, int valueCount) {
        if (plan.role() == TensorPlan.Role.VECTOR) {
            return GgmlType.F32;
        }
        if (!matrixType.isQuantized()) {
            return matrixType;
        }
        return fitted(wanted(plan, spec, valueIndex, valueCount), plan.rowLength());
    }

    private GgmlType wanted(TensorPlan plan, ModelSpec spec, int valueIndex, int valueCount) {
        boolean eightExperts = spec.experts() == 8;
        return switch (plan.role()) {
            case OUTPUT -> outputType(plan);
            case TOKEN_EMBEDDING ->
                spec.tiedEmbeddings() || !spec.architecture().generatesText() ? outputType(plan) : matrixType;
            case ATTENTION_VALUE -> eightExperts ? GgmlType.Q8_0 : moreBits(valueIndex, valueCount);
            case ATTENTION_KEY -> eightExperts ? GgmlType.Q8_0 : matrixType;
            case ATTENTION_OUTPUT -> eightExperts && this == Q4_K_M ? GgmlType.Q5_K : matrixType;
            case FEED_FORWARD_DOWN -> moreBits(plan.layer(), spec.layers());
            case MATRIX, VECTOR -> matrixType;
        };
    }

    private GgmlType outputType(TensorPlan plan) {
        return this == Q8_0 || plan.rowLength() % matrixType.blockSize() != 0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
    }

    /** Q6_K in the first and last eighth of the layers, and in each third one between. */
    private GgmlType moreBits(int index, int count) {
        boolean more = index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2;
        return this == Q4_K_M && more ? GgmlType.Q6_K : matrixType;
    }

    /** Rows that are no whole number of blocks get a type with shorter blocks. */
    private static GgmlType fitted(GgmlType type, long rowLength) {
        if (rowLength % type.blockSize() == 0) {
            return type;
        }
        GgmlType shorter = switch (type) {
            case Q4_K -> GgmlType.Q5_0;
            case Q5_K, Q6_K -> GgmlType.Q8_0;
            default -> GgmlType.F16;
        };
        return rowLength % shorter.blockSize() == 0 ? shorter : GgmlType.F16;
    }
}
