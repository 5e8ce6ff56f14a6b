package dev.llamapanama.engine;

import dev.llamapanama.bindings.BatchStruct;
import java.util.Arrays;

/**
 * The tokens that the next {@link Context#decode()} computes: for each its position, the sequences that it belongs to, and
 * whether its output is wanted ({@code llama_batch}). One per context, made once; {@link #add} allocates nothing.
 *
 * <p>Used by one thread at a time, as its context; another one gets an {@link IllegalStateException}. What llama.cpp would refuse is refused here: token ids that are not in the
 * vocabulary, sequences that the context has no room for, positions that are negative or leave gaps.
 */
public final class Batch {
    private static final int NONE = -1;

    private final NativeContext context;
    private final BatchStruct struct;
    private final int vocabularySize;
    private final int maxSequences;
    private final int learnedPositions; // 0: no limit
    private final boolean sharedTokens;
    private final boolean allOutputs;
    private final boolean positionsMayJump;
    // per sequence: the first and last position in this batch, NONE where it has no token here
    private final int[] first;
    private final int[] last;
    private final int[] present; // sequences in this batch, in the order of their first token
    private int presentCount;
    private int size;

    Batch(NativeContext context, BatchStruct struct, int maxSequences, boolean sharedTokens) {
        this.context = context;
        this.struct = struct;
        this.vocabularySize = context.model().vocabulary().size();
        this.maxSequences = maxSequences;
        this.learnedPositions = context.model().info().learnedPositions();
        this.sharedTokens = sharedTokens;
        this.allOutputs = context.options().embeddings();
        this.positionsMayJump = context.model().info().ropeType().isMultiple();
        this.first = new int[maxSequences];
        this.last = new int[maxSequences];
        this.present = new int[maxSequences];
        Arrays.fill(first, NONE);
        Arrays.fill(last, NONE);
    }

    /** The most tokens that fit; the context's {@link Context#batchSize()}. */
    public int capacity() {
        return struct.capacity();
    }

    /** Tokens in the batch. */
    public int size() {
        return size;
    }

    /** Tokens that still fit. */
    public int remaining() {
        return struct.capacity() - size;
    }

    /** Takes all tokens out. */
    public void clear() {
        boolean entered = context.beginReading("Batch.clear");
        try {
            setSize(0);
            for (int i = 0; i < presentCount; i++) {
                first[present[i]] = NONE;
                last[present[i]] = NONE;
            }
            presentCount = 0;
        } finally {
            leave(entered);
        }
    }

    /**
     * Adds a token of one sequence.
     *
     * @param position from 0; follows the sequence's last position in this batch, or else the last one in the context's
     *     memory
     * @param sequence from 0 to the context's {@link Context#maxSequences()} - 1
     * @param output whether the token's logits (or embedding) are wanted; in a context with embeddings all are
     * @return this
     * @throws IllegalArgumentException if one of the values is not possible
     * @throws IllegalStateException if the batch is full, or the context closed
     */
    public Batch add(int token, int position, int sequence, boolean output) {
        boolean entered = context.beginReading("Batch.add");
        try {
            int index = nextIndex();
            check(token, position, sequence);
            struct.set(index, token, position, sequence, output || allOutputs);
            note(sequence, position);
            setSize(index + 1);
        } finally {
            leave(entered);
        }
        return this;
    }

    /**
     * Adds a token that several sequences share; needs {@link ContextOptions#unifiedKv()} and a model that is not
     * recurrent.
     *
     * @param sequences at least one, none twice
     */
    public Batch add(int token, int position, int[] sequences, boolean output) {
        if (sequences.length == 1) {
            return add(token, position, sequences[0], output);
        }
        if (sequences.length == 0) {
            throw new IllegalArgumentException("a token belongs to at least one sequence");
        }
        if (!sharedTokens) {
            throw new IllegalStateException(
                    "tokens of several sequences need a context with unifiedKv(true) and a model "
                            + "that is not recurrent; " + context + " is none");
        }
        boolean entered = context.beginReading("Batch.add");
        try {
            addShared(nextIndex(), token, position, sequences, output);
        } finally {
            leave(entered);
        }
        return this;
    }

    private void addShared(int index, int token, int position, int[] sequences, boolean output) {
        for (int i = 0; i < sequences.length; i++) {
            check(token, position, sequences[i]);
            for (int k = 0; k < i; k++) {
                if (sequences[k] == sequences[i]) {
                    throw new IllegalArgumentException("sequence " + sequences[i] + " is there twice");
                }
            }
        }
        struct.set(index, token, position, sequences, output || allOutputs);
        for (int sequence : sequences) {
            note(sequence, position);
        }
        setSize(index + 1);
    }

    /** Token of an entry. */
    public int token(int index) {
        boolean entered = context.beginReading("Batch.token");
        try {
            return struct.token(requireIndex(index));
        } finally {
            leave(entered);
        }
    }

    /** Position of an entry. */
    public int position(int index) {
        boolean entered = context.beginReading("Batch.position");
        try {
            return struct.position(requireIndex(index));
        } finally {
            leave(entered);
        }
    }

    /** Whether the output of an entry is wanted. */
    public boolean output(int index) {
        boolean entered = context.beginReading("Batch.output");
        try {
            return struct.output(requireIndex(index));
        } finally {
            leave(entered);
        }
    }

    private int nextIndex() {
        if (size == struct.capacity()) {
            throw new IllegalStateException("the batch is full: it holds " + size
                    + " tokens, the batchSize of its context; decode and clear it first");
        }
        return size;
    }

    private void setSize(int newSize) {
        size = newSize;
        struct.setSize(newSize);
    }

    private void leave(boolean entered) {
        if (entered) {
            context.end();
        }
    }

    private void check(int token, int position, int sequence) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException(
                    "token " + token + " is not in the vocabulary, 0 to " + (vocabularySize - 1));
        }
        if (sequence < 0 || sequence >= maxSequences) {
            throw new IllegalArgumentException("sequence " + sequence + " is not in 0 to " + (maxSequences - 1)
                    + "; maxSequences of the context sets how many there are");
        }
        if (position < 0) {
            throw new IllegalArgumentException("position " + position + " is negative");
        }
        if (learnedPositions > 0 && position >= learnedPositions) {
            throw new IllegalArgumentException("position " + position + " is more than " + context.model()
                    + " has learned, 0 to " + (learnedPositions - 1)); // assertion in ggml_compute_forward_get_rows
        }
        int previous = last[sequence];
        if (previous != NONE
                && position != previous
                && (position < previous || !positionsMayJump && position > previous + 1)) {
            throw new IllegalArgumentException("position " + position + " of sequence " + sequence
                    + " does not follow the one before it in the batch, " + previous);
        }
    }

    private void note(int sequence, int position) {
        if (first[sequence] == NONE) {
            first[sequence] = position;
            present[presentCount++] = sequence;
        }
        last[sequence] = position;
    }

    private int requireIndex(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("entry " + index + " of a batch of " + size);
        }
        return index;
    }

    BatchStruct struct() {
        return struct;
    }

    int presentCount() {
        return presentCount;
    }

    /** The n-th sequence that has tokens here. */
    int present(int n) {
        return present[n];
    }

    /** First position of a sequence that has tokens here. */
    int first(int sequence) {
        return first[sequence];
    }

    boolean positionsMayJump() {
        return positionsMayJump;
    }
}
