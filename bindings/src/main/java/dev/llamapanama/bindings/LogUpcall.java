package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.ggml_log_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The one upcall for llama.cpp's log. It is process-wide and lives as long as the process, as the C side requires. */
final class LogUpcall {
    private static volatile LogSink sink = (level, text) -> {};

    private LogUpcall() {}

    /** The stub is made once: upcalls are cheap to take and dear to create. */
    private static final class Stub {
        static final MemorySegment ADDRESS =
                ggml_log_callback.allocate((level, text, data) -> deliver(level, text), Arena.global());
    }

    static void set(int minLevel, LogSink newSink) {
        sink = newSink;
        LlamaH.llamapanama_log_set(minLevel, Stub.ADDRESS);
    }

    // an exception that left an upcall would end the JVM, and a log line is not worth that
    private static void deliver(int level, MemorySegment text) {
        try {
            sink.log(level, text.reinterpret(Long.MAX_VALUE).getString(0));
        } catch (Throwable ignored) {
            // nowhere to report it
        }
    }
}
