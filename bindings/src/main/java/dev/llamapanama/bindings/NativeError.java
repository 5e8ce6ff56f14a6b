package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.llamapanama_error;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Where a guarded call reports its failure ({@code struct llamapanama_error}). Made once per native object and used
 * again for each call, by one thread at a time.
 */
public final class NativeError {
    private final MemorySegment segment;

    /** Allocates 1 KiB from {@code allocator}, whose lifetime bounds this object's. */
    public NativeError(SegmentAllocator allocator) {
        this.segment = llamapanama_error.allocate(allocator);
    }

    MemorySegment segment() {
        return segment;
    }

    /**
     * Throws what the last guarded call reported.
     *
     * @param call the C function, for the message
     * @throws NativeCallException if the call failed
     */
    void check(String call) {
        int kind = llamapanama_error.kind(segment);
        if (kind != LlamaH.LLAMAPANAMA_OK()) {
            throw failure(kind, call);
        }
    }

    private NativeCallException failure(int kind, String call) {
        String message = llamapanama_error.message(segment).getString(0);
        NativeCallException.Kind what;
        if (kind == LlamaH.LLAMAPANAMA_OUT_OF_MEMORY()) {
            what = NativeCallException.Kind.OUT_OF_MEMORY;
        } else if (kind == LlamaH.LLAMAPANAMA_ABORTED()) {
            what = NativeCallException.Kind.ABORTED;
        } else {
            what = NativeCallException.Kind.EXCEPTION;
        }
        return new NativeCallException(what, call, message);
    }
}
