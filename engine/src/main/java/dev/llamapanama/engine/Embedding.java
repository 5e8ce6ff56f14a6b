package dev.llamapanama.engine;

import java.lang.foreign.MemorySegment;

/** The embedding of a token or a sequence, not normalized ({@code llama_get_embeddings_ith}, {@code llama_get_embeddings_seq}). */
public final class Embedding extends OutputView {
    Embedding(Outputs outputs, MemorySegment values, int size) {
        super(outputs, values, size);
    }
}
