package dev.llamapanama.engine.embedding;

/**
 * To which length vectors are brought; {@code common_embd_normalize} of llama.cpp, and its numbers.
 *
 * @param p the vector's p-norm becomes 1; -1 for {@link #NONE}, 0 for {@link #MAX_ABSOLUTE}
 */
public record Normalization(int p) {
    /** As the model gives it. */
    public static final Normalization NONE = new Normalization(-1);

    /** The largest absolute value becomes 32,760, so that the numbers fit into 16 bits. */
    public static final Normalization MAX_ABSOLUTE = new Normalization(0);

    /** The absolute values add up to 1. */
    public static final Normalization TAXICAB = new Normalization(1);

    /** The squares add up to 1, so that the dot product is the cosine; llama-server's default. */
    public static final Normalization EUCLIDEAN = new Normalization(2);

    private static final double INT16_RANGE = 32760;

    /** Checks the number. */
    public Normalization {
        if (p < -1) {
            throw new IllegalArgumentException("p is " + p + "; it must be -1 or more");
        }
    }

    /** Normalizes in place. A vector of zeros stays one. */
    public void apply(float[] vector) {
        if (p == -1) {
            return;
        }
        double length = length(vector);
        float factor = length > 0 ? (float) (1 / length) : 0;
        for (int i = 0; i < vector.length; i++) {
            vector[i] *= factor;
        }
    }

    private double length(float[] vector) {
        return p == 0 ? largest(vector) / INT16_RANGE : norm(vector);
    }

    private static double largest(float[] vector) {
        double largest = 0;
        for (float value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private double norm(float[] vector) {
        if (p == 2) {
            return Math.sqrt(Vectors.dot(vector, vector));
        }
        double sum = 0;
        for (float value : vector) {
            sum += Math.pow(Math.abs(value), p);
        }
        return Math.pow(sum, 1.0 / p);
    }
}
