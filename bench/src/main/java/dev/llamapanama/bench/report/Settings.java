package dev.llamapanama.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the context that a row was measured in; what the row does not say is null.
 *
 * @param nBatch most tokens in one decode call
 * @param nUbatch most tokens in one pass through the network
 * @param typeK type of keys, {@code ggml_type_name}
 * @param typeV type of values
 * @param flashAttn -1 automatic, 0 off, 1 on
 */
public record Settings(
        @Nullable Integer nBatch,
        @Nullable Integer nUbatch,
        @Nullable String typeK,
        @Nullable String typeV,
        @Nullable Integer flashAttn) {

    /** Those that are others than llama-bench's defaults, as {@code n_ubatch 128, KV q8_0 q8_0}; empty for none. */
    public String unusual() {
        List<String> settings = new ArrayList<>();
        if (Objects.requireNonNullElse(nBatch, 2048) != 2048) {
            settings.add("n_batch " + nBatch);
        }
        if (Objects.requireNonNullElse(nUbatch, 512) != 512) {
            settings.add("n_ubatch " + nUbatch);
        }
        if (!"f16".equals(Objects.requireNonNullElse(typeK, "f16"))
                || !"f16".equals(Objects.requireNonNullElse(typeV, "f16"))) {
            settings.add("KV " + typeK + " " + typeV);
        }
        if (Objects.requireNonNullElse(flashAttn, -1) != -1) {
            settings.add("fa " + flashAttn);
        }
        return String.join(", ", settings);
    }
}
