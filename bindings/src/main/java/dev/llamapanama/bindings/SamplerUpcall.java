package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.llama_sampler_i;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A sampler written in Java ({@code struct llama_sampler_i}). An exception in a callback never reaches C: it is kept and
 * rethrown by {@link #rethrow()}, which the caller asks right after the downcall that may have run the callback.
 */
public final class SamplerUpcall {
    /** What a sampler does. */
    public interface Callback {
        /** Changes, removes or selects candidates. */
        void apply(TokenCandidates candidates);

        /** Hears of a token that became part of the sequence. */
        void accept(int token);

        /** Forgets the sequence. */
        void reset();
    }

    private final Callback callback;
    private volatile @Nullable Throwable failure; // set on the sampling thread, read there after the call
    private @Nullable MemorySegment nextClone; // what the next clone of the chain gets in this sampler's place

    public SamplerUpcall(Callback callback) {
        this.callback = callback;
    }

    /** The callbacks as C function pointers, which live as long as {@code arena}. */
    MemorySegment callbacks(Arena arena) {
        MemorySegment callbacks = llama_sampler_i.allocate(arena);
        llama_sampler_i.apply(
                callbacks,
                llama_sampler_i.apply.allocate(
                        (sampler, candidates) -> guarded(() -> callback.apply(TokenCandidates.at(candidates))), arena));
        llama_sampler_i.accept(
                callbacks,
                llama_sampler_i.accept.allocate((sampler, token) -> guarded(() -> callback.accept(token)), arena));
        llama_sampler_i.reset(callbacks, llama_sampler_i.reset.allocate(sampler -> guarded(callback::reset), arena));
        llama_sampler_i.clone(callbacks, llama_sampler_i.clone.allocate(sampler -> takeClone(), arena));
        return callbacks;
    }

    /**
     * Says what takes this sampler's place in the next clone of its chain, which must not be made without. If no clone
     * follows, {@link #discardClone} frees what this call made.
     *
     * @param arena owns the copy's code; it must outlive the clone
     */
    public void prepareClone(SamplerUpcall copy, Arena arena, NativeError error) {
        nextClone = Llama.customInit(copy, arena, error);
    }

    /** Takes {@link #prepareClone} back, unless a clone has used it. */
    public void discardClone() {
        MemorySegment unused = nextClone;
        nextClone = null;
        if (unused != null) {
            Llama.samplerFreeUnowned(unused);
        }
    }

    // nothing native is made in here: what it throws would have to pass the JVM's frames
    private MemorySegment takeClone() {
        MemorySegment prepared = nextClone;
        nextClone = null;
        if (prepared == null) {
            // the clone of the chain has a hole then, and must be freed at once: rethrow() says so
            failure = new IllegalStateException("a custom sampler was cloned without prepareClone");
            return MemorySegment.NULL;
        }
        return prepared;
    }

    private void guarded(Runnable body) {
        try {
            body.run();
        } catch (Throwable thrown) {
            Throwable first = failure;
            if (first == null) {
                failure = thrown;
            } else {
                first.addSuppressed(thrown);
            }
        }
    }

    /** Throws what a callback threw since the last call, if anything. */
    public void rethrow() {
        Throwable thrown = failure;
        failure = null;
        switch (thrown) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new IllegalStateException("a sampler callback threw a checked exception", thrown);
        }
    }
}
