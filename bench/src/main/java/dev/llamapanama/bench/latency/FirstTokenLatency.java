package dev.llamapanama.bench.latency;

import dev.llamapanama.bench.latency.LatencyResult.Setting;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Generation;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.Timings;
import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Times to the first token of a {@link TextGenerator}, as its user waits for it: from the call with the prompt's tokens
 * until the first token's text is there. Prompts are random tokens. Not thread-safe.
 */
final class FirstTokenLatency implements AutoCloseable {
    private static final GenerationOptions ONE_TOKEN =
            GenerationOptions.builder().maxTokens(1).ignoreEndOfGeneration(true).build();

    private final Setting setting;
    private final TextGenerator generator;
    private final Vocabulary vocabulary;

    FirstTokenLatency(Model model, ContextOptions options, Setting setting) {
        this.setting = setting;
        this.generator = TextGenerator.create(model, options);
        this.vocabulary = model.vocabulary();
    }

    /**
     * How many of a prompt's tokens are to be in memory.
     *
     * @param percent 100: all but the last one, which is decoded for its logits
     */
    static int cached(int prompt, int percent) {
        return Math.min(prompt - 1, (int) ((long) prompt * percent / 100));
    }

    /**
     * Measures.
     *
     * @param prompt tokens
     * @param percent share of the prompt that is in memory before
     * @throws IllegalStateException if the engine did not reuse what was in memory
     */
    LatencyResult measure(int prompt, int percent, int repetitions, boolean warmup, Runnable afterEach) {
        int[] tokens = tokens(prompt);
        int cached = cached(prompt, percent);
        List<Long> samples = new ArrayList<>();
        for (int i = warmup ? -1 : 0; i < repetitions; i++) {
            generator.clear();
            if (cached > 0) {
                firstToken(Arrays.copyOf(tokens, cached)); // leaves these in memory, and not the token it gives
            }
            long begin = System.nanoTime();
            Timings timings = firstToken(tokens);
            long time = System.nanoTime() - begin;
            if (timings.cachedTokens() != cached) {
                throw new IllegalStateException("%d of the prompt's %d tokens were in memory, but %d were reused"
                        .formatted(cached, prompt, timings.cachedTokens()));
            }
            if (i >= 0) {
                samples.add(time);
            }
            afterEach.run();
        }
        return setting.timeToFirstToken(prompt, cached, samples);
    }

    private Timings firstToken(int[] prompt) {
        try (Generation generation = generator.generate(prompt, ONE_TOKEN)) {
            generation.next();
            return generation.timings();
        }
    }

    private int[] tokens(int length) {
        SplittableRandom random = new SplittableRandom(1);
        int[] tokens = random.ints(length, 0, vocabulary.size()).toArray();
        if (vocabulary.addsBos() && vocabulary.bos().isPresent()) {
            tokens[0] = vocabulary.bos().getAsInt();
        }
        return tokens;
    }

    @Override
    public void close() {
        generator.close();
    }
}
