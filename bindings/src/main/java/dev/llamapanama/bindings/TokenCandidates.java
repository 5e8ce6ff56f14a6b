package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.llama_token_data;
import dev.llamapanama.bindings.ffi.llama_token_data_array;
import java.lang.foreign.MemorySegment;

/** A view of {@code llama_token_data_array}: tokens with logits and probabilities, in native memory. Not to be kept. */
public final class TokenCandidates {
    private final MemorySegment array;
    private MemorySegment data;

    private TokenCandidates(MemorySegment array) {
        this.array = array;
        this.data = resolve();
    }

    static TokenCandidates at(MemorySegment pointer) {
        return new TokenCandidates(pointer.reinterpret(llama_token_data_array.sizeof()));
    }

    private MemorySegment resolve() {
        return llama_token_data_array
                .data(array)
                .reinterpret(llama_token_data_array.size(array) * llama_token_data.sizeof());
    }

    /** Number of candidates left. */
    public int size() {
        return (int) llama_token_data_array.size(array);
    }

    /** Token id of candidate {@code index}. */
    public int token(int index) {
        return llama_token_data.id(llama_token_data.asSlice(data, index));
    }

    /** Logit of candidate {@code index}. */
    public float logit(int index) {
        return llama_token_data.logit(llama_token_data.asSlice(data, index));
    }

    /** Probability of candidate {@code index}; 0 before a sampler computed it. */
    public float probability(int index) {
        return llama_token_data.p(llama_token_data.asSlice(data, index));
    }

    /** Replaces a logit; the array no longer counts as sorted. */
    public void setLogit(int index, float logit) {
        llama_token_data.logit(llama_token_data.asSlice(data, index), logit);
        llama_token_data_array.sorted(array, false);
    }

    /** Keeps the first {@code size} candidates. */
    public void truncate(int size) {
        if (size < 1 || size > size()) {
            throw new IllegalArgumentException("size " + size + " is not in 1.." + size());
        }
        llama_token_data_array.size(array, size);
        data = resolve();
    }

    /** Swaps two candidates; the array no longer counts as sorted. */
    public void swap(int a, int b) {
        MemorySegment first = llama_token_data.asSlice(data, a);
        MemorySegment second = llama_token_data.asSlice(data, b);
        int id = llama_token_data.id(first);
        float logit = llama_token_data.logit(first);
        float p = llama_token_data.p(first);
        MemorySegment.copy(second, 0, first, 0, llama_token_data.sizeof());
        llama_token_data.id(second, id);
        llama_token_data.logit(second, logit);
        llama_token_data.p(second, p);
        llama_token_data_array.sorted(array, false);
    }

    /** Index of the selected candidate, or -1. */
    public int selected() {
        return (int) llama_token_data_array.selected(array);
    }

    /** Selects a candidate by index. */
    public void select(int index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException("index " + index + " is not in 0.." + (size() - 1));
        }
        llama_token_data_array.selected(array, index);
    }

    /** Whether the candidates are sorted by falling logit. */
    public boolean sorted() {
        return llama_token_data_array.sorted(array);
    }
}
