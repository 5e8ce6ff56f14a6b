package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
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
        llama_sampler_i.clone(callbacks, llama_sampler_i.clone.allocate(sampler -> takeClone(callbacks), arena));
        return callbacks;
    }

    /**
     * Says what takes this sampler's place in the next clone of its chain; without it, the clone calls the same callback.
     * If no clone follows, {@link #discardClone} frees what this call made.
     *
     * @param arena owns the copy's code; it must outlive the clone
     */
    public void prepareClone(SamplerUpcall copy, Arena arena) {
        nextClone = Llama.samplerInitCustom(copy, arena);
    }

    /** Takes {@link #prepareClone} back, unless a clone has used it. */
    public void discardClone() {
        MemorySegment unused = nextClone;
        nextClone = null;
        if (unused != null) {
            Llama.samplerFreeUnowned(unused);
        }
    }

    // llama.cpp uses the result without a look, so it is never NULL
    private MemorySegment takeClone(MemorySegment callbacks) {
        MemorySegment prepared = nextClone;
        nextClone = null;
        return prepared != null ? prepared : LlamaH.llama_sampler_init(callbacks, MemorySegment.NULL);
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
