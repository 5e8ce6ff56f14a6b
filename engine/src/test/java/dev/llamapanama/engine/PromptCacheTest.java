package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ModelSpec;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a context remembers of the last prompt is not evaluated again, and changes nothing. */
@ExtendWith(NoLeaks.class)
class PromptCacheTest {
    /** A generation is the same, whatever was in memory before. */
    @ParameterizedTest
    @MethodSource("dev.llamapanama.engine.Generators#decoders")
    void thePromptCacheChangesNothing(ModelSpec spec) throws Exception {
        Generators.withGenerator(
                spec,
                Generators.SMALL.toBuilder().fullSwa(false).contextLength(512).build(),
                generator -> {
                    Random random = new Random(11);
                    int[] base = Models.tokens(120);
                    for (int round = 0; round < 12; round++) {
                        int[] prompt = Arrays.copyOf(base, 1 + random.nextInt(base.length));
                        if (random.nextBoolean()) {
                            prompt[random.nextInt(prompt.length)] = 77;
                        }
                        GenerationOptions options = Generators.GREEDY.toBuilder()
                                .maxTokens(random.nextInt(8))
                                .build();
                        GenerationResult cached = generator.complete(prompt, options);
                        generator.clear();
                        GenerationResult fresh = generator.complete(prompt, options);
                        assertThat(cached.tokens()).as("round " + round).isEqualTo(fresh.tokens());
                        assertThat(fresh.timings().cachedTokens()).isZero();
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("dev.llamapanama.engine.Generators#decoders")
    void aContinuedPromptIsNotEvaluatedAgain(ModelSpec spec) throws Exception {
        Generators.withGenerator(spec, Generators.SMALL, generator -> {
            int[] prompt = Models.tokens(50);
            GenerationResult first = generator.complete(
                    prompt, Generators.GREEDY.toBuilder().maxTokens(4).build());
            int[] longer = IntStream.concat(
                            IntStream.concat(Arrays.stream(prompt), Arrays.stream(first.tokens())), IntStream.of(5, 6))
                    .toArray();
            GenerationResult second = generator.complete(longer, Generators.GREEDY);
            assertThat(second.timings().cachedTokens()).isEqualTo(50 + 3); // the last token was never evaluated
            ModelInfo info = generator.context().model().info();
            GenerationResult again = generator.complete(longer, Generators.GREEDY);
            if (!info.recurrent() && !info.hybrid()) {
                assertThat(again.timings().cachedTokens()).isEqualTo(longer.length - 1);
            } else {
                assertThat(again.timings().cachedTokens()).isZero();
            }
            assertThat(again.tokens()).isEqualTo(second.tokens());
        });
    }

    @Test
    void aMemoryThatSomebodyElseChangedIsNotTrusted() throws Exception {
        Generators.withLlama(generator -> {
            int[] prompt = Models.tokens(40);
            GenerationResult first = generator.complete(prompt, Generators.GREEDY);
            generator.context().clearMemory();
            GenerationResult second = generator.complete(prompt, Generators.GREEDY);
            assertThat(second.timings().cachedTokens()).isZero();
            assertThat(second.tokens()).isEqualTo(first.tokens());
        });
    }
}
