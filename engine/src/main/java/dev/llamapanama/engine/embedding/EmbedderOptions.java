package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Pooling;

/**
 * How to embed. Immutable.
 *
 * @param pooling how the vectors of a document's tokens become one; {@link Pooling#RANK} is for a {@link Reranker}
 * @param normalization to which length vectors are brought, those of tokens too (llama-server leaves these as they are)
 * @param longDocuments what happens to documents that are too long
 * @param dimensions numbers kept of each vector, before it is normalized, for models that were trained for it (Matryoshka);
 *     0: all
 * @param documentPrefix put before each document, as "search_document: " for nomic-embed-text
 * @param queryPrefix put before each query, as "search_query: " for nomic-embed-text, or "Represent this sentence for
 *     searching relevant passages: " for bge
 * @param parseSpecial whether text such as {@code [SEP]} becomes the control token of that name, as in llama-server; false
 *     is for text from users
 * @param packing sizes of decodes and of the context
 */
public record EmbedderOptions(
        Pooling pooling,
        Normalization normalization,
        LongDocuments longDocuments,
        int dimensions,
        String documentPrefix,
        String queryPrefix,
        boolean parseSpecial,
        PackingOptions packing) {
    private static final EmbedderOptions DEFAULTS = new EmbedderOptions(
            Pooling.FROM_MODEL,
            Normalization.EUCLIDEAN,
            LongDocuments.REJECT,
            0,
            "",
            "",
            false,
            PackingOptions.defaults());

    /** Checks the values. */
    public EmbedderOptions {
        if (pooling == Pooling.RANK) {
            throw new IllegalArgumentException("pooling RANK gives scores and no embeddings; use a Reranker");
        }
        if (dimensions < 0) {
            throw new IllegalArgumentException("dimensions is " + dimensions + "; it must be 0 or more");
        }
    }

    /** As the model says and llama-server does it. */
    public static EmbedderOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static Builder builder() {
        return new Builder(DEFAULTS);
    }

    /** A builder that starts with these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds {@link EmbedderOptions}; see there for what each value means. */
    public static final class Builder {
        private Pooling pooling;
        private Normalization normalization;
        private LongDocuments longDocuments;
        private int dimensions;
        private String documentPrefix;
        private String queryPrefix;
        private boolean parseSpecial;
        private PackingOptions packing;

        private Builder(EmbedderOptions options) {
            pooling = options.pooling;
            normalization = options.normalization;
            longDocuments = options.longDocuments;
            dimensions = options.dimensions;
            documentPrefix = options.documentPrefix;
            queryPrefix = options.queryPrefix;
            parseSpecial = options.parseSpecial;
            packing = options.packing;
        }

        public Builder pooling(Pooling value) {
            pooling = value;
            return this;
        }

        public Builder normalization(Normalization value) {
            normalization = value;
            return this;
        }

        public Builder longDocuments(LongDocuments value) {
            longDocuments = value;
            return this;
        }

        public Builder dimensions(int value) {
            dimensions = value;
            return this;
        }

        public Builder documentPrefix(String value) {
            documentPrefix = value;
            return this;
        }

        public Builder queryPrefix(String value) {
            queryPrefix = value;
            return this;
        }

        public Builder parseSpecial(boolean value) {
            parseSpecial = value;
            return this;
        }

        public Builder packing(PackingOptions value) {
            packing = value;
            return this;
        }

        public EmbedderOptions build() {
            return new EmbedderOptions(
                    pooling,
                    normalization,
                    longDocuments,
                    dimensions,
                    documentPrefix,
                    queryPrefix,
                    parseSpecial,
                    packing);
        }
    }
}
