package dev.llamapanama.bench.streams;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Sequence;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Measures cases in one context, as llama-batched-bench does ({@code tools/batched-bench/batched-bench.cpp}).
 *
 * <p>Tokens are random and none is sampled. Prompts lie one after another in pieces of {@code n_batch} tokens, of which
 * the last of each prompt has logits; the first piece is in the batch before the clock starts. Then each step decodes a
 * token with logits of each stream. Each repetition begins with an empty memory. Not thread-safe.
 */
final class StreamsTest implements AutoCloseable {
    private static final int FIRST_STREAM = 0;
    private static final int WARM_UP_TOKENS = 16;

    private final Context context;
    private final Batch batch;
    private final int vocabularySize;
    private final SplittableRandom random = new SplittableRandom(1);

    /** Makes the context. */
    StreamsTest(Model model, ContextOptions options) {
        vocabularySize = model.vocabulary().size();
        context = model.newContext(options);
        batch = context.batch();
    }

    /** Tokens that the memory holds ({@code n_kv_max}). */
    int contextLength() {
        return context.contextLength();
    }

    /** Tokens in the memory of all streams; after {@link #measure}, those of its last repetition. */
    int tokensInMemory() {
        int tokens = 0;
        for (int stream = 0; stream < context.maxSequences(); stream++) {
            tokens += context.sequence(stream).length();
        }
        return tokens;
    }

    /** Decodes some tokens of one stream, unmeasured. */
    void warmUp() {
        context.clearMemory();
        for (int position = 0; position < WARM_UP_TOKENS; ) {
            batch.clear();
            while (position < WARM_UP_TOKENS && batch.remaining() > 0) {
                batch.add(randomToken(), position++, FIRST_STREAM, false);
            }
            context.decode();
        }
    }

    /** Measures a case whose tokens fit the context. */
    StreamsSamples measure(StreamsCase test, int repetitions, Runnable afterEach) {
        Instant start = Instant.now();
        long[] promptNanoseconds = new long[repetitions];
        long[] genNanoseconds = new long[repetitions];
        long[] stepNanoseconds = new long[repetitions * test.gen()];
        for (int i = 0; i < repetitions; i++) {
            context.clearMemory();
            promptNanoseconds[i] = processPrompts(test);
            if (test.sharedPrompt()) {
                sharePrompt(test);
            }
            int from = i * test.gen();
            generate(test, stepNanoseconds, from);
            genNanoseconds[i] =
                    Arrays.stream(stepNanoseconds, from, from + test.gen()).sum();
            afterEach.run();
        }
        return new StreamsSamples(start, promptNanoseconds, genNanoseconds, stepNanoseconds);
    }

    private long processPrompts(StreamsCase test) {
        int tokens = test.promptTokens();
        int done = fillWithPrompts(test.prompt(), 0, tokens);
        long begin = System.nanoTime();
        context.decode();
        while (done < tokens) {
            done = fillWithPrompts(test.prompt(), done, tokens);
            context.decode();
        }
        return System.nanoTime() - begin;
    }

    /**
     * Fills the batch with the next tokens of all prompts.
     *
     * @param from how many tokens came before
     * @param to how many there are in all
     * @return how many have come now
     */
    private int fillWithPrompts(int prompt, int from, int to) {
        batch.clear();
        int end = Math.min(to, from + batch.capacity());
        for (int i = from; i < end; i++) {
            int position = i % prompt;
            batch.add(randomToken(), position, i / prompt, position == prompt - 1);
        }
        return end;
    }

    /** Copies the first stream's prompt to the others; the next decode carries the copies out, so one is made. */
    private void sharePrompt(StreamsCase test) {
        Sequence first = context.sequence(FIRST_STREAM);
        for (int stream = 1; stream < test.streams(); stream++) {
            first.copyTo(context.sequence(stream));
        }
        batch.clear();
        batch.add(randomToken(), test.prompt(), FIRST_STREAM, true);
        context.decode();
        if (!first.remove(test.prompt(), Sequence.END)) {
            throw new IllegalArgumentException(
                    "--shared-prompt needs a model that can forget a token, and " + context.model() + " is recurrent");
        }
    }

    /** Each step's time is from the end of the one before, so that together they are the time of generation. */
    private void generate(StreamsCase test, long[] stepNanoseconds, int from) {
        long last = System.nanoTime();
        for (int step = 0; step < test.gen(); step++) {
            batch.clear();
            for (int stream = 0; stream < test.streams(); stream++) {
                batch.add(randomToken(), test.prompt() + step, stream, true);
            }
            context.decode();
            long now = System.nanoTime();
            stepNanoseconds[from + step] = now - last;
            last = now;
        }
    }

    private int randomToken() {
        return random.nextInt(vocabularySize);
    }

    @Override
    public void close() {
        context.close();
    }
}
