package dev.llamapanama.engine.embedding;

/** Comparison of vectors of equal length. Stateless. */
public final class Vectors {
    private Vectors() {}

    /** Sum of the products; for vectors of length 1 it is the cosine. */
    public static float dot(float[] a, float[] b) {
        requireSameLength(a, b);
        // Four sums, since the order of additions to one must be kept, and each would wait for the one before.
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        for (; i <= a.length - 4; i += 4) {
            sum0 += a[i] * b[i];
            sum1 += a[i + 1] * b[i + 1];
            sum2 += a[i + 2] * b[i + 2];
            sum3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            sum0 += a[i] * b[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Cosine of the angle, -1 to 1 but for rounding; 0 if a vector is all zeros. */
    public static float cosine(float[] a, float[] b) {
        requireSameLength(a, b);
        double lengths = Math.sqrt((double) dot(a, a) * dot(b, b));
        return lengths == 0 ? 0 : (float) (dot(a, b) / lengths);
    }

    private static void requireSameLength(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("vectors of " + a.length + " and " + b.length + " numbers");
        }
    }
}
