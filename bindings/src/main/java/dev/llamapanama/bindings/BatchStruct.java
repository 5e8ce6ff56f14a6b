package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A preallocated {@code llama_batch} of tokens with explicit positions, sequences and output marks. Its arrays lie in
 * the arena of the context that uses it, because the Foreign Function and Memory API does not watch pointers that are
 * stored inside a struct. Used by one thread at a time; checks indexes, not values.
 */
public final class BatchStruct {
    private final int capacity;
    private final int sequencesPerToken;
    private final MemorySegment struct;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequenceCounts;
    private final MemorySegment sequences; // capacity rows of sequencesPerToken ids
    private final MemorySegment outputs;

    /**
     * @param capacity tokens
     * @param sequencesPerToken how many sequences one token may belong to
     */
    public BatchStruct(Arena arena, int capacity, int sequencesPerToken) {
        this.capacity = capacity;
        this.sequencesPerToken = sequencesPerToken;
        struct = llama_batch.allocate(arena);
        tokens = arena.allocate(ValueLayout.JAVA_INT, capacity);
        positions = arena.allocate(ValueLayout.JAVA_INT, capacity);
        sequenceCounts = arena.allocate(ValueLayout.JAVA_INT, capacity);
        sequences = arena.allocate(ValueLayout.JAVA_INT, (long) capacity * sequencesPerToken);
        outputs = arena.allocate(ValueLayout.JAVA_BYTE, capacity);
        MemorySegment rows = arena.allocate(ValueLayout.ADDRESS, capacity);
        for (int i = 0; i < capacity; i++) {
            rows.setAtIndex(ValueLayout.ADDRESS, i, sequences.asSlice((long) i * sequencesPerToken * 4));
        }
        llama_batch.token(struct, tokens);
        llama_batch.embd(struct, MemorySegment.NULL);
        llama_batch.pos(struct, positions);
        llama_batch.n_seq_id(struct, sequenceCounts);
        llama_batch.seq_id(struct, rows);
        llama_batch.logits(struct, outputs);
    }

    MemorySegment segment() {
        return struct;
    }

    /** Tokens that fit. */
    public int capacity() {
        return capacity;
    }

    /** Sequences that one token may belong to. */
    public int sequencesPerToken() {
        return sequencesPerToken;
    }

    /** Tokens that the next decode sees. */
    public int size() {
        return llama_batch.n_tokens(struct);
    }

    /** Sets how many of the tokens count. */
    public void setSize(int size) {
        llama_batch.n_tokens(struct, size);
    }

    /** Writes entry {@code index} for one sequence. */
    public void set(int index, int token, int position, int sequence, boolean output) {
        tokens.setAtIndex(ValueLayout.JAVA_INT, index, token);
        positions.setAtIndex(ValueLayout.JAVA_INT, index, position);
        sequenceCounts.setAtIndex(ValueLayout.JAVA_INT, index, 1);
        sequences.setAtIndex(ValueLayout.JAVA_INT, (long) index * sequencesPerToken, sequence);
        outputs.set(ValueLayout.JAVA_BYTE, index, (byte) (output ? 1 : 0));
    }

    /** Writes entry {@code index} for several sequences that share the token. */
    public void set(int index, int token, int position, int[] sequenceIds, boolean output) {
        if (sequenceIds.length > sequencesPerToken) {
            throw new IndexOutOfBoundsException(
                    sequenceIds.length + " sequences for one token; this batch holds " + sequencesPerToken);
        }
        set(index, token, position, sequenceIds[0], output);
        sequenceCounts.setAtIndex(ValueLayout.JAVA_INT, index, sequenceIds.length);
        for (int i = 1; i < sequenceIds.length; i++) {
            sequences.setAtIndex(ValueLayout.JAVA_INT, (long) index * sequencesPerToken + i, sequenceIds[i]);
        }
    }

    /** Token of entry {@code index}. */
    public int token(int index) {
        return tokens.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Position of entry {@code index}. */
    public int position(int index) {
        return positions.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Number of sequences of entry {@code index}. */
    public int sequenceCount(int index) {
        return sequenceCounts.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Sequence {@code n} of entry {@code index}. */
    public int sequence(int index, int n) {
        return sequences.getAtIndex(ValueLayout.JAVA_INT, (long) index * sequencesPerToken + n);
    }

    /** Whether entry {@code index} has an output row. */
    public boolean output(int index) {
        return outputs.get(ValueLayout.JAVA_BYTE, index) != 0;
    }

    /** Marks or unmarks entry {@code index} for output. */
    public void setOutput(int index, boolean output) {
        outputs.set(ValueLayout.JAVA_BYTE, index, (byte) (output ? 1 : 0));
    }
}
