package dev.llamapanama.gguf.forge;

/**
 * A tensor to be made.
 *
 * @param name its name in the file
 * @param role what it does, which decides its type
 * @param layer its layer; -1 outside of layers
 * @param mean mean of its elements
 * @param deviation standard deviation of its elements
 * @param shape elements per dimension, row length first
 */
record TensorPlan(String name, Role role, int layer, double mean, double deviation, long... shape) {
    /** What a tensor does. All but {@link #VECTOR} may be quantized. */
    enum Role {
        TOKEN_EMBEDDING,
        OUTPUT,
        ATTENTION_KEY,
        ATTENTION_VALUE,
        ATTENTION_OUTPUT,
        FEED_FORWARD_DOWN,
        MATRIX,
        /** Norms, biases, routers, convolutions, position vectors: F32 in all formats. */
        VECTOR
    }

    long rowLength() {
        return shape[0];
    }

    long rows() {
        long rows = 1;
        for (int i = 1; i < shape.length; i++) {
            rows *= shape[i];
        }
        return rows;
    }

    /** Whether there is one row per token. */
    boolean rowPerToken() {
        return role == Role.TOKEN_EMBEDDING || role == Role.OUTPUT;
    }
}
