package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.llama_model_kv_override;
import dev.llamapanama.bindings.ffi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code struct llama_model_params}, filled field by field. What it points to must live until the load is over.
 */
public final class ModelParams {
    private final MemorySegment segment;

    /** llama.cpp's defaults ({@code llama_model_default_params}), in memory of {@code allocator}. */
    public ModelParams(SegmentAllocator allocator) {
        this.segment = LlamaH.llama_model_default_params(allocator);
    }

    MemorySegment segment() {
        return segment;
    }

    /** Layers on a GPU; negative: all. Without a GPU backend it has no effect. */
    public void nGpuLayers(int value) {
        llama_model_params.n_gpu_layers(segment, value);
    }

    /** {@code llama_load_mode}. */
    public void loadMode(int value) {
        llama_model_params.load_mode(segment, value);
    }

    /** Load the vocabulary, no weights. */
    public void vocabOnly(boolean value) {
        llama_model_params.vocab_only(segment, value);
    }

    /** Validate the values of quantized blocks. */
    public void checkTensors(boolean value) {
        llama_model_params.check_tensors(segment, value);
    }

    /** Whether weights may be repacked for the CPU. */
    public void useExtraBufts(boolean value) {
        llama_model_params.use_extra_bufts(segment, value);
    }

    /** Bypass host buffers. */
    public void noHost(boolean value) {
        llama_model_params.no_host(segment, value);
    }

    /** Read the metadata and only simulate allocations. */
    public void noAlloc(boolean value) {
        llama_model_params.no_alloc(segment, value);
    }

    /** Load layers for multi-token prediction. */
    public void loadMtp(boolean value) {
        llama_model_params.load_mtp(segment, value);
    }

    /** Reports progress from 0 to 1 and stops the load when the upcall says so. */
    public void progress(ProgressUpcall upcall, Arena arena) {
        llama_model_params.progress_callback(segment, upcall.function(arena));
    }

    /** Replaces metadata values: Long, Double, Boolean or String (at most 127 bytes) by key (at most 127 bytes). */
    public void kvOverrides(Map<String, Object> overrides, SegmentAllocator allocator) {
        // the list ends with an empty key
        MemorySegment list = llama_model_kv_override.allocateArray(overrides.size() + 1L, allocator);
        int i = 0;
        for (Map.Entry<String, Object> override : overrides.entrySet()) {
            MemorySegment entry = llama_model_kv_override.asSlice(list, i++);
            copy(override.getKey(), llama_model_kv_override.key(entry));
            switch (override.getValue()) {
                case Long value -> {
                    llama_model_kv_override.tag(entry, LlamaH.LLAMA_KV_OVERRIDE_TYPE_INT());
                    llama_model_kv_override.val_i64(entry, value);
                }
                case Double value -> {
                    llama_model_kv_override.tag(entry, LlamaH.LLAMA_KV_OVERRIDE_TYPE_FLOAT());
                    llama_model_kv_override.val_f64(entry, value);
                }
                case Boolean value -> {
                    llama_model_kv_override.tag(entry, LlamaH.LLAMA_KV_OVERRIDE_TYPE_BOOL());
                    llama_model_kv_override.val_bool(entry, value);
                }
                case String value -> {
                    llama_model_kv_override.tag(entry, LlamaH.LLAMA_KV_OVERRIDE_TYPE_STR());
                    copy(value, llama_model_kv_override.val_str(entry));
                }
                default ->
                    throw new IllegalArgumentException("metadata override " + override.getKey() + " has type "
                            + override.getValue().getClass());
            }
        }
        llama_model_params.kv_overrides(segment, list);
    }

    private static void copy(String text, MemorySegment field) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= field.byteSize()) {
            throw new IllegalArgumentException("'%s' has %d bytes; llama.cpp takes at most %d"
                    .formatted(text, bytes.length, field.byteSize() - 1));
        }
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, field, 0, bytes.length);
    }
}
