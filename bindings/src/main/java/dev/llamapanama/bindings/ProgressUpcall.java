package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.llama_progress_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Progress of a model load ({@code llama_progress_callback}). An exception in the callback stops the load and is
 * rethrown by {@link #rethrow()}.
 */
public final class ProgressUpcall {
    /** Hears of progress. */
    @FunctionalInterface
    public interface Callback {
        /**
         * Takes note of the progress.
         *
         * @param fraction from 0 to 1
         * @return false to stop the load
         */
        boolean progress(float fraction);
    }

    private final Callback callback;
    private volatile @Nullable Throwable failure;
    private volatile boolean stopped;

    public ProgressUpcall(Callback callback) {
        this.callback = callback;
    }

    MemorySegment function(Arena arena) {
        return llama_progress_callback.allocate((fraction, data) -> deliver(fraction), arena);
    }

    private boolean deliver(float fraction) {
        try {
            if (callback.progress(fraction)) {
                return true;
            }
        } catch (Throwable thrown) {
            failure = thrown; // must not reach C
        }
        stopped = true;
        return false;
    }

    /** Whether the callback stopped the load. */
    public boolean stopped() {
        return stopped;
    }

    /** Throws what the callback threw, if anything; call it after the load. */
    public void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            case Throwable other ->
                throw new IllegalStateException("a progress callback threw a checked exception", other);
        }
    }
}
