package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.TinyModels;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A generation is stopped from any thread, at any moment. */
@ExtendWith(NoLeaks.class)
class CancellationTest {
    @Test
    void cancelBetweenTokens() throws Exception {
        Generators.withLlama(generator -> {
            try (Generation generation = generator.generate(Generators.PROMPT, Generators.GREEDY)) {
                generation.next();
                generation.cancel();
                generation.forEachRemaining(_ -> {});
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThat(generation.result().tokens()).hasSize(1);
            }
            try (Generation generation = generator.generate(Generators.PROMPT, Generators.GREEDY)) {
                generation.cancel();
                assertThat(generation.hasNext()).isFalse();
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                generation.cancel();
            }
            assertThat(generator.complete(Generators.PROMPT, Generators.GREEDY).tokens())
                    .hasSize(30);
        });
    }

    @Test
    void cancelAfterTheEndHitsNobody() throws Exception {
        Generators.withLlama(generator -> {
            Generation generation = generator.generate(Generators.PROMPT, Generators.GREEDY);
            generation.forEachRemaining(_ -> {});
            generation.cancel();
            generation.close();
            generation.cancel();
            assertThat(generator.complete(Generators.PROMPT, Generators.GREEDY).finishReason())
                    .isEqualTo(FinishReason.MAX_TOKENS);
        });
    }

    @Test
    @Timeout(120)
    void cancelWithinAPrefill() throws Exception {
        ContextOptions options = ContextOptions.builder()
                .contextLength(8192)
                .batchSize(8192)
                .ubatchSize(512)
                .threads(2)
                .build();
        try (Model model = Model.load(Models.slow());
                TextGenerator generator = TextGenerator.create(model, options);
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            GenerationOptions few = Generators.GREEDY.toBuilder().maxTokens(3).build();
            int[] prompt = Models.tokens(8000);
            int[] shorter = Arrays.copyOf(prompt, 40);
            GenerationResult expected = generator.complete(shorter, few);
            for (int round = 0; round < 3; round++) {
                generator.clear();
                try (Generation generation = generator.generate(prompt, few)) {
                    Future<?> cancellation =
                            timer.schedule(generation::cancel, 50 + 100 * round, TimeUnit.MILLISECONDS);
                    long start = System.nanoTime();
                    assertThat(generation.hasNext()).isFalse();
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
                    assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                    cancellation.get();
                }
                assertThat(generator.context().sequence(0).length()).isZero();
                assertThat(generator.complete(shorter, few).tokens()).isEqualTo(expected.tokens());
            }
        }
    }

    @Test
    @Timeout(120)
    void cancelAtAnyMoment() throws Exception {
        Generators.withGenerator(TinyModels.mamba(), Generators.SMALL, generator -> {
            GenerationResult expected = generator.complete(Models.tokens(100), Generators.GREEDY);
            Random random = new Random(1);
            try (var executor = Executors.newSingleThreadExecutor()) {
                for (int round = 0; round < 60; round++) {
                    try (Generation generation = generator.generate(Models.tokens(100), Generators.GREEDY)) {
                        int delay = random.nextInt(8_000);
                        var cancelling = executor.submit(() -> {
                            TimeUnit.MICROSECONDS.sleep(delay);
                            generation.cancel();
                            return null;
                        });
                        generation.forEachRemaining(_ -> {});
                        assertThat(generation.result().finishReason())
                                .isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
                        cancelling.get();
                    }
                    if (round % 10 == 0) {
                        assertThat(generator
                                        .complete(Models.tokens(100), Generators.GREEDY)
                                        .tokens())
                                .isEqualTo(expected.tokens());
                    }
                }
            }
        });
    }

    @Test
    @Timeout(60)
    void closeFromAnotherThreadEndsTheGeneration() throws Exception {
        ContextOptions options =
                ContextOptions.builder().contextLength(8192).threads(2).build();
        try (Model model = Model.load(Models.slow());
                TextGenerator generator = TextGenerator.create(model, options);
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            Generation generation = generator.generate(Models.tokens(8000), Generators.GREEDY);
            var closing = timer.schedule(generation::close, 100, TimeUnit.MILLISECONDS);
            assertThat(generation.hasNext()).isFalse();
            closing.get();
            assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        }
    }
}
