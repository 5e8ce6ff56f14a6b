package dev.llamapanama.engine;

import java.lang.foreign.MemorySegment;

/** What the model thinks of each token as the next one: one logit per token id ({@code llama_get_logits_ith}). */
public final class Logits extends OutputView {
    Logits(Outputs outputs, MemorySegment values, int size) {
        super(outputs, values, size);
    }

    /** The token with the largest logit, the first one of equals; allocates nothing. */
    public int argMax() {
        return indexOfLargest();
    }
}
