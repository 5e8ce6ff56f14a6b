package dev.llamapanama.bench.compare;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What each program is given: a test with all settings spelled out, so that no default can differ.
 *
 * @param model file
 * @param test what is measured
 * @param threads threads that compute
 * @param batch most tokens in one decode call ({@code n_batch})
 * @param ubatch most tokens in one pass through the network ({@code n_ubatch})
 * @param kvType type of keys and values
 * @param flashAttention whether attention is computed in one kernel
 * @param samples measurements after a warm-up
 */
record Workload(
        Path model,
        CompareTest test,
        int threads,
        int batch,
        int ubatch,
        KvType kvType,
        FlashAttention flashAttention,
        int samples) {

    /** {@code ggml_type_name}; all programs take it. */
    String kvTypeName() {
        return kvType.name().toLowerCase(Locale.ROOT);
    }

    /** llama.cpp's word; all programs take it. */
    String flashAttentionName() {
        return switch (flashAttention) {
            case AUTO -> "auto";
            case ENABLED -> "on";
            case DISABLED -> "off";
        };
    }

    /**
     * The context that the engine makes for it.
     *
     * @throws IllegalArgumentException if the settings exclude each other, or no context is so long
     */
    ContextOptions contextOptions() {
        long length = test.contextLength();
        if (length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("no context holds the " + length + " tokens of " + test);
        }
        if (batch < test.streams()) {
            throw new IllegalArgumentException("--batch must not be less than the streams of " + test);
        }
        return ContextOptions.builder()
                .contextLength((int) length)
                .maxSequences(test.sequences())
                .batchSize(batch)
                .ubatchSize(ubatch)
                .threads(threads)
                .batchThreads(threads)
                .kvType(kvType)
                .flashAttention(flashAttention)
                .fullSwa(false)
                .build();
    }
}
