package dev.llamapanama.engine.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A document of which some chunks are not computed yet. Used by one thread. */
final class PendingDocument {
    private final int index;
    private final int chunks;
    private final List<float[][]> vectors = new ArrayList<>();
    private final List<Integer> weights = new ArrayList<>();
    private int tokens;

    PendingDocument(int index, int chunks) {
        this.index = index;
        this.chunks = chunks;
    }

    /** Takes the next chunk's vectors; whether it was the last one. */
    boolean add(float[][] chunk, int chunkTokens) {
        vectors.add(chunk);
        weights.add(chunkTokens);
        tokens += chunkTokens;
        return vectors.size() == chunks;
    }

    /**
     * The whole document.
     *
     * @param pooled whether each chunk has one vector, and not one per token
     * @param dimensions numbers kept of each vector
     */
    TextEmbedding result(boolean pooled, int dimensions, Normalization normalization) {
        float[][] whole = pooled
                ? new float[][] {mean()}
                : vectors.stream().flatMap(Arrays::stream).toArray(float[][]::new);
        for (int i = 0; i < whole.length; i++) {
            if (dimensions < whole[i].length) {
                whole[i] = Arrays.copyOf(whole[i], dimensions);
            }
            normalization.apply(whole[i]);
        }
        return new TextEmbedding(index, whole, tokens, chunks);
    }

    private float[] mean() {
        float[] first = vectors.getFirst()[0];
        if (chunks == 1) {
            return first;
        }
        double[] sum = new double[first.length];
        for (int chunk = 0; chunk < chunks; chunk++) {
            float[] vector = vectors.get(chunk)[0];
            double weight = (double) weights.get(chunk) / tokens;
            for (int i = 0; i < sum.length; i++) {
                sum[i] += weight * vector[i];
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) sum[i];
        }
        return mean;
    }
}
