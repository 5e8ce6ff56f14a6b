package dev.llamapanama.engine.embedding;

/** What happens to documents of more tokens than {@link Embedder#maxTokens()}. */
public enum LongDocuments {
    /** They are a {@link DocumentTooLongException}, as in llama-server. */
    REJECT,
    /**
     * They are cut into chunks of about equal length, each with the tokens for begin and end; the document's vector is the
     * mean of the chunks' vectors as the model gives them, weighted by their tokens, and then normalized. With pooling NONE
     * the chunks' token vectors follow each other.
     */
    CHUNK
}
