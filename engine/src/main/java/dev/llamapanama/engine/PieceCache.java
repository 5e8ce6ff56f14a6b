package dev.llamapanama.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** The bytes of tokens, fetched once each: generated text then needs no native call and no allocation. Thread-safe. */
final class PieceCache {
    private final Vocabulary vocabulary;
    private final Tokenizer tokenizer;
    private final AtomicReferenceArray<byte[]> plain;
    private final AtomicReferenceArray<byte[]> special;

    PieceCache(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.tokenizer = new Tokenizer(vocabulary);
        this.plain = new AtomicReferenceArray<>(vocabulary.size());
        this.special = new AtomicReferenceArray<>(vocabulary.size());
    }

    byte[] get(int token, boolean withSpecial) {
        AtomicReferenceArray<byte[]> pieces = withSpecial ? special : plain;
        byte[] piece = pieces.get(token);
        if (piece == null) {
            piece = tokenizer.piece(token, withSpecial);
            pieces.set(token, piece);
        } else {
            vocabulary.model().resource().requireUsable();
        }
        return piece;
    }
}
