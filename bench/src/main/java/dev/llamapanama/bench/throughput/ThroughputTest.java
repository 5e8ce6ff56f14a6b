package dev.llamapanama.bench.throughput;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.Vocabulary;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * One test, measured as llama-bench measures it ({@code tools/llama-bench/llama-bench.cpp}, {@code test_prompt} and
 * {@code test_gen}).
 *
 * <p>Tokens are random, prompts are decoded in pieces of {@code n_batch} tokens of which the last has logits, and
 * generation decodes one token at a time and samples none. Each repetition begins with an empty memory, or with one
 * that holds the tokens of the test's depth. Not thread-safe.
 */
final class ThroughputTest implements AutoCloseable {
    private static final int SEQUENCE = 0;

    private final TestCase test;
    private final Context context;
    private final Batch batch;
    private final Sampler sampler;
    private final DepthState depthState;
    private final int vocabularySize;
    private final int beginning; // the BOS token, or -1 for none
    private final SplittableRandom random = new SplittableRandom(1);

    private int position;

    /**
     * Makes the test's context.
     *
     * @param depthState kept from test to test, so that the tokens of a depth are decoded once
     */
    ThroughputTest(Model model, TestCase test, DepthState depthState) {
        this.test = test;
        this.depthState = depthState;
        Vocabulary vocabulary = model.vocabulary();
        vocabularySize = vocabulary.size();
        beginning = vocabulary.addsBos() ? vocabulary.bos().orElse(-1) : -1;
        context = model.newContext(test.contextOptions());
        batch = context.batch();
        sampler = Sampler.create(model, SamplerOptions.defaults());
    }

    /** Runs what is measured once, unmeasured: the whole prompt, or one token. */
    void warmUp() {
        clear();
        if (test.prompt() > 0) {
            decodePrompt(test.prompt());
            sampler.sample(context, batch.size() - 1);
        }
        if (test.gen() > 0) {
            generate(1);
        }
    }

    /** Measures. */
    Samples measure(int repetitions, Runnable afterEach) {
        Instant start = Instant.now();
        long[] nanoseconds = new long[repetitions];
        long[] timeToFirstToken = new long[test.prompt() > 0 ? repetitions : 0];
        for (int i = 0; i < repetitions; i++) {
            clear();
            fillToDepth();
            long begin = System.nanoTime();
            decodePrompt(test.prompt());
            generate(test.gen());
            nanoseconds[i] = System.nanoTime() - begin;
            if (test.prompt() > 0) {
                sampler.sample(context, batch.size() - 1);
                timeToFirstToken[i] = System.nanoTime() - begin;
            }
            afterEach.run();
        }
        return new Samples(start, nanoseconds, timeToFirstToken);
    }

    private void clear() {
        context.clearMemory();
        sampler.reset();
        position = 0;
    }

    private void fillToDepth() {
        if (test.depth() == 0) {
            return;
        }
        if (depthState.restore(test, context.sequence(SEQUENCE))) {
            position = test.depth();
        } else {
            decodePrompt(test.depth());
            depthState.save(test, context.sequence(SEQUENCE));
        }
    }

    private void decodePrompt(int tokens) {
        for (int done = 0; done < tokens; ) {
            int piece = Math.min(tokens - done, batch.capacity());
            batch.clear();
            for (int i = 0; i < piece; i++) {
                int token = done + i == 0 && beginning >= 0 ? beginning : random.nextInt(vocabularySize);
                batch.add(token, position++, SEQUENCE, i == piece - 1);
            }
            context.decode();
            done += piece;
        }
    }

    private void generate(int tokens) {
        int token = beginning >= 0 ? beginning : random.nextInt(vocabularySize);
        for (int i = 0; i < tokens; i++) {
            batch.clear();
            batch.add(token, position++, SEQUENCE, true);
            context.decode();
            token = random.nextInt(vocabularySize);
        }
    }

    @Override
    public void close() {
        try (context;
                sampler) {
            // closes the sampler, then the context
        }
    }
}
