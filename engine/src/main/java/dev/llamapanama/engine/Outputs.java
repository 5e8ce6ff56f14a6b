package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What the last decode or encode of a context left: which entries of the batch have an output, and which sequences an
 * embedding. Each computation is a new generation, by which views know that they are stale.
 */
final class Outputs {
    private static final int LAST = -1;

    private final NativeContext context;
    private final int vocabularySize;
    private final int embeddingLength;
    private final boolean[] rows; // by index in the batch
    private final boolean[] sequences;
    private final Pooling pooling;
    private int tokens; // of the last computation; 0 when it failed
    private int lastRow = -1;
    private boolean logits;
    private boolean embeddings;
    private volatile long generation;

    Outputs(NativeContext context, int batchSize, int maxSequences, Pooling pooling) {
        this.context = context;
        this.vocabularySize = context.model().vocabulary().size();
        this.embeddingLength = context.model().info().outputEmbeddingLength();
        this.rows = new boolean[batchSize];
        this.sequences = new boolean[maxSequences];
        this.pooling = pooling;
    }

    /** Forgets what was there; before each computation, and when results become void. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the one thread inside the context writes
    void invalidate() {
        generation++;
        tokens = 0;
        lastRow = -1;
    }

    /** Notes what a computation left. */
    void take(Batch batch, boolean allRows, boolean hasLogits, boolean hasEmbeddings) {
        int n = batch.size();
        for (int i = 0; i < n; i++) {
            boolean row = allRows || batch.struct().output(i);
            rows[i] = row;
            if (row) {
                lastRow = i;
            }
        }
        Arrays.fill(sequences, false);
        for (int i = 0; i < batch.presentCount(); i++) {
            sequences[batch.present(i)] = true;
        }
        tokens = n;
        logits = hasLogits;
        embeddings = hasEmbeddings;
    }

    long generation() {
        return generation;
    }

    boolean isCurrent(long stamp) {
        return stamp == generation && context.isOpen();
    }

    boolean beginReading(long stamp) {
        boolean entered = context.beginReading("reading outputs");
        if (stamp != generation) {
            endReading(entered);
            throw new IllegalStateException("these numbers are stale: " + context
                    + " has computed another batch since; copy them before the next decode");
        }
        return entered;
    }

    void endReading(boolean entered) {
        if (entered) {
            context.end();
        }
    }

    /** The index to give to native code for an entry's logits; -1 means the last entry that has some. */
    int logitsRow(int batchIndex) {
        int row = row(batchIndex);
        if (!logits) {
            throw new IllegalStateException("the model of " + context + " computes embeddings, not logits");
        }
        return row;
    }

    private int row(int batchIndex) {
        if (tokens == 0) {
            throw new IllegalStateException(
                    context + " has no outputs: nothing was decoded, or the last decode failed");
        }
        if (batchIndex == LAST && lastRow >= 0) {
            return lastRow;
        }
        if (batchIndex < 0 || batchIndex >= tokens || !rows[batchIndex]) {
            throw new IllegalArgumentException("entry " + batchIndex + " of the last batch (" + tokens
                    + " tokens) has no output; add it with output = true");
        }
        return batchIndex;
    }

    Logits logits(int batchIndex) {
        boolean entered = context.beginReading("logits");
        try {
            return new Logits(this, nativeLogits(batchIndex), vocabularySize);
        } finally {
            endReading(entered);
        }
    }

    void logitsInto(int batchIndex, float[] target) {
        boolean entered = context.beginReading("logits");
        try {
            copy(nativeLogits(batchIndex), vocabularySize, target);
        } finally {
            endReading(entered);
        }
    }

    private MemorySegment nativeLogits(int batchIndex) {
        return present(Llama.getLogitsIth(context.handle(), logitsRow(batchIndex), vocabularySize), "logits");
    }

    Embedding embedding(int batchIndex) {
        boolean entered = context.beginReading("embedding");
        try {
            int row = row(batchIndex);
            requireEmbeddings();
            if (pooling != Pooling.NONE) {
                throw new IllegalStateException(context + " pools embeddings (" + pooling
                        + "): ask for those of sequences, or make it with pooling NONE");
            }
            return new Embedding(
                    this,
                    present(Llama.getEmbeddingsIth(context.handle(), row, embeddingLength), "embedding"),
                    embeddingLength);
        } finally {
            endReading(entered);
        }
    }

    Embedding sequenceEmbedding(int sequence) {
        boolean entered = context.beginReading("embedding");
        try {
            requireEmbeddings();
            if (pooling == Pooling.NONE) {
                throw new IllegalStateException(
                        context + " does not pool embeddings: ask for those of tokens, or choose a pooling");
            }
            if (tokens == 0 || sequence < 0 || sequence >= sequences.length || !sequences[sequence]) {
                throw new IllegalArgumentException("sequence " + sequence + " was not in the last batch");
            }
            int size = pooling == Pooling.RANK
                    ? Math.max(1, Llama.modelNClsOut(context.model().handle()))
                    : embeddingLength;
            return new Embedding(
                    this, present(Llama.getEmbeddingsSeq(context.handle(), sequence, size), "embedding"), size);
        } finally {
            endReading(entered);
        }
    }

    private void requireEmbeddings() {
        if (!embeddings) {
            throw new IllegalStateException(context + " has no embeddings: make it with embeddings(true), then decode");
        }
    }

    private MemorySegment present(MemorySegment values, String what) {
        if (values.equals(MemorySegment.NULL)) {
            throw new IllegalStateException(context + " has no " + what + " there");
        }
        return values;
    }

    static void copy(MemorySegment values, int size, float[] target) {
        if (target.length < size) {
            throw new IllegalArgumentException("the target holds " + target.length + " floats; there are " + size);
        }
        MemorySegment.copy(values, ValueLayout.JAVA_FLOAT, 0, target, 0, size);
    }
}
