package dev.llamapanama.engine.embedding;

/** A document (for a reranker: with its query) has more tokens than are computed at once; nothing of it was computed. */
public final class DocumentTooLongException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int index;
    private final int tokens;
    private final int maxTokens;

    DocumentTooLongException(String message, int index, int tokens, int maxTokens) {
        super(message);
        this.index = index;
        this.tokens = tokens;
        this.maxTokens = maxTokens;
    }

    /** Which document it is, in the order given, from 0. */
    public int index() {
        return index;
    }

    /** Tokens of the document. */
    public int tokens() {
        return tokens;
    }

    /** Tokens that are possible. */
    public int maxTokens() {
        return maxTokens;
    }
}
