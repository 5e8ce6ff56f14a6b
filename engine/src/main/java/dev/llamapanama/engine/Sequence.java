package dev.llamapanama.engine;

/**
 * One sequence of tokens in a context's memory, by its number. Holds nothing itself: it is a handle to what the context
 * remembers of that sequence ({@code llama_memory_seq_*}).
 *
 * <p>Used by one thread at a time, as its context. Ranges of positions are from {@code from}, included, to {@code to}, not
 * included; {@link #END} stands for the end.
 */
public final class Sequence {
    /** As {@code to}: to the last position. */
    public static final int END = Integer.MAX_VALUE;

    private final ContextMemory memory;
    private final ContextState state;
    private final int id;

    Sequence(ContextMemory memory, ContextState state, int id) {
        this.memory = memory;
        this.state = state;
        this.id = id;
    }

    /** The number of this sequence in batches. */
    public int id() {
        return id;
    }

    /**
     * Smallest position in memory, -1 if there is none; more than 0 where a sliding window has forgotten the start, and the
     * largest one for a recurrent model, which keeps one state.
     */
    public int minPosition() {
        return memory.minPosition(id);
    }

    /** Largest position in memory, -1 if there is none. */
    public int maxPosition() {
        return memory.maxPosition(id);
    }

    /** Positions in memory; at most 1 for a recurrent model. */
    public int length() {
        return memory.length(id);
    }

    /**
     * Removes a range ({@code llama_memory_seq_rm}). Positions after it stay as they are; see {@link #shift}.
     *
     * @return false, and nothing happens, where the memory cannot forget a part: a recurrent model's is one state
     */
    public boolean remove(int from, int to) {
        return memory.remove(id, from, to);
    }

    /** Removes all of it. */
    public void clear() {
        memory.clear(id);
    }

    /** Makes {@code target} share all of this sequence; what it had is removed first ({@code llama_memory_seq_cp}). */
    public void copyTo(Sequence target) {
        copyTo(target, 0, END);
    }

    /**
     * Makes {@code target} share a range of this sequence; what it had is removed first ({@code llama_memory_seq_cp}). With
     * {@link ContextOptions#unifiedKv()} this costs nothing; else the data is copied, and the range must be all of it, as it
     * must be for recurrent models.
     *
     * @throws IllegalArgumentException if {@code target} is of another context, or the range is not possible
     */
    public void copyTo(Sequence target, int from, int to) {
        memory.copy(this, target, from, to);
    }

    /**
     * Makes {@code target} share a range of this sequence behind what it has already ({@code llama_memory_seq_cp}). Costs
     * nothing.
     *
     * @throws IllegalArgumentException if {@code target} is of another context, or does not end at {@code from}
     * @throws IllegalStateException if the context has no unified KV memory, or its model is recurrent
     */
    public void appendTo(Sequence target, int from, int to) {
        memory.append(this, target, from, to);
    }

    /** Removes all other sequences ({@code llama_memory_seq_keep}). */
    public void keepOnly() {
        memory.keepOnly(id);
    }

    /**
     * Adds {@code delta} to the positions of a range ({@code llama_memory_seq_add}), most often a negative one to close the
     * gap that {@link #remove} left. Takes effect in the next decode.
     *
     * @throws IllegalStateException if {@link Context#canShift()} is false
     * @throws IllegalArgumentException if a position would become negative or too large
     */
    public void shift(int from, int to, int delta) {
        memory.shift(id, from, to, delta);
    }

    /**
     * Divides the positions of a range ({@code llama_memory_seq_div}). Takes effect in the next decode.
     *
     * @param divisor 1 or more
     * @throws IllegalStateException if {@link Context#canShift()} is false
     */
    public void divide(int from, int to, int divisor) {
        memory.divide(id, from, to, divisor);
    }

    /**
     * What the memory holds of this sequence, for {@link #restoreState} ({@code llama_state_seq_get_data}). Of layers with a
     * sliding window that is only what the newest token sees, so what is restored can go on but not be cut:
     * {@link #minPosition()} is more than 0 then.
     *
     * @throws StateException if it cannot be had
     */
    public byte[] saveState() {
        return state.save(id);
    }

    /** Bytes that {@link #saveState} would give now ({@code llama_state_seq_get_size}). */
    public long stateSize() {
        return state.size(id);
    }

    /**
     * Replaces this sequence by a saved one, of this context or another one of the same model and options
     * ({@code llama_state_seq_set_data}).
     *
     * @throws StateException if it is damaged, of another model, or does not fit; this sequence is empty then, unless the
     *     state was refused before native code saw it
     */
    public void restoreState(byte[] saved) {
        state.restore(saved, id);
    }

    ContextMemory memory() {
        return memory;
    }

    /** As "sequence 3 of Context 1 of Model qwen2.gguf". */
    @Override
    public String toString() {
        return "sequence " + id + " of " + memory;
    }
}
