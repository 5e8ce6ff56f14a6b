package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import java.lang.foreign.MemorySegment;

/** Operations on what a context remembers ({@code llama_memory_*}); refuses what llama.cpp asserts on. */
final class ContextMemory {
    private static final int ALL = -1; // llama.h: a negative bound is no bound
    private static final long END_OF_POSITIONS = Integer.MAX_VALUE;

    private final NativeContext context;
    private final int maxSequences;
    private final boolean splitPerSequence;
    private final boolean stateful;
    private boolean updatePending; // a shift or a copy that the next decode carries out
    private boolean copyPending;

    ContextMemory(NativeContext context, int maxSequences) {
        this.context = context;
        this.maxSequences = maxSequences;
        this.splitPerSequence = !context.options().unifiedKv() && maxSequences > 1;
        this.stateful =
                context.model().info().recurrent() || context.model().info().hybrid();
    }

    int minPosition(int sequence) {
        boolean entered = context.beginReading("minPosition");
        try {
            return context.hasMemory() ? Llama.memorySeqPosMin(context.memory(), sequence) : -1;
        } finally {
            end(entered);
        }
    }

    int maxPosition(int sequence) {
        boolean entered = context.beginReading("maxPosition");
        try {
            return nativeMaxPosition(sequence);
        } finally {
            end(entered);
        }
    }

    int length(int sequence) {
        int max = maxPosition(sequence);
        return max < 0 ? 0 : max - minPosition(sequence) + 1;
    }

    /** Within a call. */
    int nativeMinPosition(int sequence) {
        return context.hasMemory() ? Llama.memorySeqPosMin(context.memory(), sequence) : -1;
    }

    /** Within a call. */
    int nativeMaxPosition(int sequence) {
        return context.hasMemory() ? Llama.memorySeqPosMax(context.memory(), sequence) : -1;
    }

    boolean canShift() {
        boolean entered = context.beginReading("canShift");
        try {
            return context.hasMemory() && Llama.memoryCanShift(context.memory());
        } finally {
            end(entered);
        }
    }

    boolean remove(int sequence, int from, int to) {
        range(from, to);
        context.begin("remove");
        try {
            return Llama.memorySeqRm(context.memory(), sequence, from, to, context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    void clear(int sequence) {
        context.begin("clear");
        try {
            nativeClear(sequence);
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    /** Within a call. */
    void nativeClear(int sequence) {
        Llama.memorySeqRm(context.memory(), sequence, ALL, ALL, context.error());
    }

    /** Empties the memory. */
    void clearAll() {
        context.begin("clearMemory");
        try {
            nativeClearAll();
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    /** Within a call. */
    void nativeClearAll() {
        if (context.hasMemory()) {
            Llama.memoryClear(context.memory(), false, context.error());
        }
        updatePending = copyPending; // llama.cpp forgets shifts then, but not copies
        context.memoryChanged();
    }

    void copy(Sequence source, Sequence target, int from, int to) {
        range(from, to);
        if (target.memory() != this) {
            throw new IllegalArgumentException(target + " is in another context than " + source);
        }
        if (source.id() == target.id()) {
            return;
        }
        context.begin("copyTo");
        try {
            int max = nativeMaxPosition(source.id());
            boolean whole = max < 0 || (from <= nativeMinPosition(source.id()) && to > max);
            if (!whole && (splitPerSequence || stateful)) {
                throw new IllegalArgumentException("only all of " + source
                        + " can be copied; parts need unifiedKv(true) and " + "a model that is not recurrent");
            }
            nativeClear(target.id());
            Llama.memorySeqCp(
                    context.memory(), source.id(), target.id(), whole ? ALL : from, whole ? ALL : to, context.error());
            updatePending |= splitPerSequence;
            copyPending |= splitPerSequence;
            context.memoryChanged();
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    void append(Sequence source, Sequence target, int from, int to) {
        range(from, to);
        if (target.memory() != this || target.id() == source.id()) {
            throw new IllegalArgumentException(target + " is not another sequence of the context of " + source);
        }
        context.begin("appendTo");
        try {
            if (splitPerSequence || stateful) {
                throw new IllegalStateException(
                        "appending needs unifiedKv(true) and a model that is not recurrent; " + context + " has not");
            }
            if (nativeMaxPosition(target.id()) + 1 != from) {
                throw new IllegalArgumentException(target + " ends at position " + (nativeMaxPosition(target.id()) + 1)
                        + ", so nothing can be appended at " + from);
            }
            Llama.memorySeqCp(context.memory(), source.id(), target.id(), from, to, context.error());
            context.memoryChanged();
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    void keepOnly(int sequence) {
        context.begin("keepOnly");
        try {
            // one by one: llama_memory_seq_keep leaves the other sequences' own memory alone where it is split
            for (int other = 0; other < maxSequences; other++) {
                if (other != sequence && nativeMaxPosition(other) >= 0) {
                    nativeClear(other);
                }
            }
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    void shift(int sequence, int from, int to, int delta) {
        range(from, to);
        context.begin("shift");
        try {
            MemorySegment memory = shiftable();
            int min = Math.max(from, nativeMinPosition(sequence));
            int max = Math.min(to - 1, nativeMaxPosition(sequence));
            if (max < min || delta == 0) {
                return;
            }
            if ((long) min + delta < 0 || (long) max + delta >= END_OF_POSITIONS) {
                throw new IllegalArgumentException("shifting positions " + min + " to " + max + " by " + delta
                        + " would leave the range of positions");
            }
            updatePending = true;
            Llama.memorySeqAdd(memory, sequence, from, to, delta, context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    void divide(int sequence, int from, int to, int divisor) {
        range(from, to);
        if (divisor < 1) {
            throw new IllegalArgumentException("divisor is " + divisor + "; it must be 1 or more");
        }
        context.begin("divide");
        try {
            MemorySegment memory = shiftable();
            updatePending = true;
            Llama.memorySeqDiv(memory, sequence, from, to, divisor, context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    private MemorySegment shiftable() {
        MemorySegment memory = context.memory();
        if (!Llama.memoryCanShift(memory)) {
            throw new IllegalStateException("the memory of " + context + " cannot be shifted; see canShift()");
        }
        return memory;
    }

    /** Whether the next decode has to move data first, which a cancellation would leave half done. */
    boolean takeUpdatePending() {
        boolean pending = updatePending;
        updatePending = false;
        copyPending = false;
        return pending;
    }

    /** Within a call; as {@link #takeUpdatePending}, but only asks. */
    boolean isUpdatePending() {
        return updatePending;
    }

    /** Within a call; refuses to restore where a queued copy would overwrite the result in the next decode. */
    void requireNoCopyPending() {
        if (copyPending) {
            throw new IllegalStateException("sequences of " + context + " were copied, which takes effect in the next "
                    + "decode; restore before copying them, or after a decode");
        }
    }

    int maxSequences() {
        return maxSequences;
    }

    private void end(boolean entered) {
        if (entered) {
            context.end();
        }
    }

    private static void range(int from, int to) {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "positions " + from + " to " + to + " are no range: 0 <= from <= to must hold");
        }
    }

    @Override
    public String toString() {
        return context.toString();
    }
}
