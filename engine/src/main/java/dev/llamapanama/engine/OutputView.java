package dev.llamapanama.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers that a decode left in native memory. Valid until the next {@link Context#decode()} or {@link Context#encode()}
 * on its context, or its close; reading it later is an {@link IllegalStateException}, so stale numbers are never read.
 * Used by one thread at a time, as its context.
 */
public abstract sealed class OutputView permits Logits, Embedding {
    private final Outputs outputs;
    private final MemorySegment values;
    private final int size;
    private final long generation;

    OutputView(Outputs outputs, MemorySegment values, int size) {
        this.outputs = outputs;
        this.values = values;
        this.size = size;
        this.generation = outputs.generation();
    }

    /** How many numbers there are. */
    public int size() {
        return size;
    }

    /** Whether the context has gone on, so that the numbers can no longer be read. */
    public boolean isStale() {
        return !outputs.isCurrent(generation);
    }

    /** One number. For many of them, {@link #copyTo} is faster. */
    public float get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index + " of " + size);
        }
        boolean entered = outputs.beginReading(generation);
        try {
            return values.getAtIndex(ValueLayout.JAVA_FLOAT, index);
        } finally {
            outputs.endReading(entered);
        }
    }

    /** Index of the largest number, the first one of equals. */
    final int indexOfLargest() {
        boolean entered = outputs.beginReading(generation);
        try {
            int best = 0;
            float largest = values.getAtIndex(ValueLayout.JAVA_FLOAT, 0);
            for (int i = 1; i < size; i++) {
                float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                if (value > largest) {
                    largest = value;
                    best = i;
                }
            }
            return best;
        } finally {
            outputs.endReading(entered);
        }
    }

    /** Copies all numbers to the start of {@code target}, which must be long enough. */
    public void copyTo(float[] target) {
        boolean entered = outputs.beginReading(generation);
        try {
            Outputs.copy(values, size, target);
        } finally {
            outputs.endReading(entered);
        }
    }

    /** A copy of all numbers. */
    public float[] toArray() {
        float[] copy = new float[size];
        copyTo(copy);
        return copy;
    }
}
