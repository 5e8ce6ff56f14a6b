package dev.llamapanama.engine;

import dev.llamapanama.bindings.TokenCandidates;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a sampler may choose from, with their logits ({@code llama_token_data_array}). A view of native memory:
 * valid during one {@link CustomSampler#apply}, for the thread that called it.
 *
 * <p>Candidates are numbered from 0; samplers remove and reorder them, so an index is no token id. All methods throw {@link
 * IndexOutOfBoundsException} for an index that is not below {@link #size}, and {@link IllegalStateException} after the call
 * that the view was made for.
 */
public final class Candidates {
    private @Nullable TokenCandidates candidates;

    Candidates(TokenCandidates candidates) {
        this.candidates = candidates;
    }

    void invalidate() {
        candidates = null;
    }

    private TokenCandidates live() {
        TokenCandidates current = candidates;
        if (current == null) {
            throw new IllegalStateException("these candidates belong to a CustomSampler.apply that has returned");
        }
        return current;
    }

    /** How many there are. */
    public int size() {
        return live().size();
    }

    /** Token id of a candidate. */
    public int token(int index) {
        return live().token(index);
    }

    /** Logit of a candidate. */
    public float logit(int index) {
        return live().logit(index);
    }

    /** Probability of a candidate, 0 to 1; meaningless before a sampler has computed it, as most do not. */
    public float probability(int index) {
        return live().probability(index);
    }

    /**
     * Replaces a logit.
     *
     * @param logit finite, or negative infinity to exclude the candidate
     * @throws IllegalArgumentException if {@code logit} is something else
     */
    public void logit(int index, float logit) {
        live().setLogit(index, SamplerChecks.bias(live().token(index), logit));
    }

    /** Swaps two candidates. */
    public void swap(int a, int b) {
        live().swap(a, b);
    }

    /**
     * Keeps the first {@code size} candidates.
     *
     * @throws IllegalArgumentException if {@code size} is not in 1..{@link #size}
     */
    public void truncate(int size) {
        live().truncate(size);
    }

    /** Whether they are sorted by falling logit. */
    public boolean sorted() {
        return live().sorted();
    }

    /** Index of the selected candidate, or -1. */
    public int selected() {
        return live().selected();
    }

    /**
     * Selects a candidate, as the last sampler of a chain does.
     *
     * @throws IllegalArgumentException if there is no such index
     */
    public void select(int index) {
        live().select(index);
    }
}
