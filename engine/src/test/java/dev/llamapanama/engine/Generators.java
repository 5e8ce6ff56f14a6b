package dev.llamapanama.engine;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.util.stream.Stream;

/** Generators of forged models with small contexts, for tests. */
final class Generators {
    static final String PROMPT = "The quick brown fox";
    static final ContextOptions SMALL =
            ContextOptions.builder().contextLength(256).threads(1).build();
    static final GenerationOptions GREEDY = GenerationOptions.builder()
            .maxTokens(30)
            .sampler(SamplerOptions.greedy())
            .build();

    /** With a model and a generator of a small context. */
    interface Body {
        void run(TextGenerator generator) throws Exception;
    }

    static void withGenerator(ModelSpec spec, ContextOptions options, Body body) throws Exception {
        try (Model model = Model.load(Models.forged(spec));
                TextGenerator generator = TextGenerator.create(model, options)) {
            body.run(generator);
        }
    }

    static void withLlama(Body body) throws Exception {
        withGenerator(TinyModels.llama(), SMALL, body);
    }

    static Stream<ModelSpec> decoders() {
        return TinyModels.all().stream().filter(spec -> !spec.name().contains("bert"));
    }

    private Generators() {}
}
