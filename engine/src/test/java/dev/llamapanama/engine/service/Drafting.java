package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelOptions;
import dev.llamapanama.engine.Models;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.util.concurrent.atomic.AtomicReference;

/** Services in which one model guesses for another. */
final class Drafting {
    private Drafting() {}

    /** Who guesses. */
    enum Drafter {
        ITSELF, // always right
        STRANGER, // hardly ever
        HALF,
        SLIDING_WINDOW;

        private ModelSpec spec() {
            return switch (this) {
                case ITSELF -> TinyModels.llama();
                case STRANGER -> TinyModels.llama().withSeed(99);
                case HALF -> TinyModels.llama().withLayers(2);
                case SLIDING_WINDOW -> TinyModels.gemma3();
            };
        }

        Model load() {
            // not all would begin a text with the token that they know for that
            ModelOptions options = ModelOptions.builder()
                    .metadataOverride("tokenizer.ggml.add_bos_token", true)
                    .build();
            return Model.load(Models.forged(spec()), options);
        }
    }

    interface Body {
        void run(Model model, InferenceService service) throws Exception;
    }

    static ServiceOptions.Builder options(int length) {
        return Services.options(length).minDraftTokens(4);
    }

    static void with(Drafter drafter, ServiceOptions.Builder options, Body body) throws Exception {
        with(drafter, options, Context::decode, body);
    }

    static void with(Drafter drafter, ServiceOptions.Builder options, Scheduler.Decoder decoder, Body body)
            throws Exception {
        try (Model model = Model.load(Models.llama());
                Model draft = drafter.load();
                InferenceService service =
                        InferenceService.create(model, options.draftModel(draft).build(), decoder)) {
            body.run(model, service);
            Services.waitUntil(() -> service.health().running() == 0);
            assertThat(service.health().alive()).isTrue();
            assertThat(service.health().lastError()).isEmpty();
        }
    }

    /** Fails, or does otherwise what it likes, in the draft model's decodes only. */
    static Scheduler.Decoder drafting(Scheduler.Decoder own) {
        AtomicReference<Context> target = new AtomicReference<>();
        return context -> {
            target.compareAndSet(null, context); // prompts are decoded first
            if (context == target.get()) {
                context.decode();
            } else {
                own.decode(context);
            }
        };
    }

    static int[] tokens(GenerationHandle handle) {
        return handle.await().getFirst().tokens();
    }

    static int[] alone(Model model, int[] prompt, int maxTokens) {
        return Services.alone(model, prompt, Services.greedy(maxTokens)).tokens();
    }

    static void allRight(InferenceService service) {
        assertThat(service.statistics().draftedTokens()).isPositive();
        assertThat(service.statistics().acceptedTokens())
                .isEqualTo(service.statistics().draftedTokens());
    }
}
