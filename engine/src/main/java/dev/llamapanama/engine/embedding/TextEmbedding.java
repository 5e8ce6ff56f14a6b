package dev.llamapanama.engine.embedding;

/**
 * A document as numbers. Owned by the caller, who may change the vectors; not thread-safe if they are.
 *
 * <p>With a pooling there is one vector, and with {@link dev.llamapanama.engine.Pooling#NONE} one per token.
 */
public final class TextEmbedding {
    private final int index;
    private final float[][] vectors;
    private final int tokens;
    private final int chunks;

    TextEmbedding(int index, float[][] vectors, int tokens, int chunks) {
        this.index = index;
        this.vectors = vectors;
        this.tokens = tokens;
        this.chunks = chunks;
    }

    /** Which document it is, in the order given, from 0. */
    public int index() {
        return index;
    }

    /**
     * The document's vector, of {@link Embedder#dimensions()} numbers; not a copy.
     *
     * @throws IllegalStateException if there is one per token, because the embedder does not pool
     */
    public float[] vector() {
        if (vectors.length != 1) {
            throw new IllegalStateException(
                    "there are " + vectors.length + " vectors, one per token: use vectors(), or choose a pooling");
        }
        return vectors[0];
    }

    /** All vectors, as [vectors][{@link Embedder#dimensions()}]; not a copy. */
    public float[][] vectors() {
        return vectors;
    }

    /** Tokens that the model read: the prefix and those for begin and end (of each chunk) included. */
    public int tokens() {
        return tokens;
    }

    /** Parts in which the document was read; 1 unless it was too long. */
    public int chunks() {
        return chunks;
    }
}
