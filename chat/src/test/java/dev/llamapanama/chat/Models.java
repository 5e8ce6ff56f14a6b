package dev.llamapanama.chat;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.ServiceOptions;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Forged models and services for tests. */
final class Models {
    private static final ForgeCache CACHE = new ForgeCache(Path.of("target", "models"));

    private Models() {}

    /** A llama with random weights and ChatML. */
    static Model tiny() {
        return Model.load(tinyFile());
    }

    static Path tinyFile() {
        try {
            return CACHE.get(TinyModels.llama());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ServiceOptions service(int contextLength) {
        return ServiceOptions.builder()
                .context(ContextOptions.builder()
                        .contextLength(contextLength)
                        .threads(1)
                        .kvType(KvType.F32)
                        .flashAttention(FlashAttention.DISABLED)
                        .build())
                .parallel(1)
                .build();
    }

    static ChatOptions greedy(int maxTokens) {
        return ChatOptions.builder()
                .generation(GenerationOptions.builder()
                        .sampler(SamplerOptions.greedy())
                        .maxTokens(maxTokens)
                        .build())
                .build();
    }
}
