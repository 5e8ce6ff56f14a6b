package dev.llamapanama.engine.service;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What the tests of the service share. */
final class Services {
    private Services() {}

    /** With these, which other tokens are in a batch changes nothing but the last bits. */
    static ContextOptions.Builder context(int length) {
        return ContextOptions.builder()
                .contextLength(length)
                .batchSize(512)
                .threads(1)
                .kvType(KvType.F32)
                .flashAttention(FlashAttention.DISABLED);
    }

    static ServiceOptions.Builder options(int length) {
        return ServiceOptions.builder().context(context(length).build());
    }

    static GenerationOptions greedy(int maxTokens) {
        return GenerationOptions.builder()
                .sampler(SamplerOptions.greedy())
                .maxTokens(maxTokens)
                .ignoreEndOfGeneration(true)
                .build();
    }

    static GenerationRequest request(int[] prompt, int maxTokens) {
        return GenerationRequest.builder(prompt).options(greedy(maxTokens)).build();
    }

    static int[] prompt(long seed, int length) {
        return new Random(seed).ints(length, 3, 250).toArray();
    }

    /** The same by the generator that knows no other requests. */
    static GenerationResult alone(Model model, int[] prompt, GenerationOptions options) {
        try (TextGenerator generator = TextGenerator.create(model, context(2048).build())) {
            return generator.complete(prompt, options);
        }
    }

    static List<GenerationEvent> events(GenerationHandle handle) throws InterruptedException {
        List<GenerationEvent> events = new ArrayList<>();
        Optional<GenerationEvent> next = handle.next();
        while (next.isPresent()) {
            events.add(next.get());
            next = handle.next();
        }
        return events;
    }

    static void waitUntil(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it did not happen in 30 s");
            }
            Thread.sleep(2);
        }
    }
}
