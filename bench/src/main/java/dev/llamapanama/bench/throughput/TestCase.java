package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.nio.file.Path;

/**
 * One row of a throughput run.
 *
 * @param model file
 * @param prompt tokens of prompt processing (prefill); 0 for none
 * @param gen tokens to generate; 0 for none
 * @param depth tokens in the context before the measurement starts
 * @param batch most tokens in one decode call
 * @param ubatch most tokens in one pass through the network
 * @param kvType type of keys and values
 * @param flashAttention whether attention is computed in one kernel
 * @param threads threads that compute
 */
record TestCase(
        Path model,
        int prompt,
        int gen,
        int depth,
        int batch,
        int ubatch,
        KvType kvType,
        FlashAttention flashAttention,
        int threads) {

    TestCase withPrompt(int prompt) {
        return new TestCase(model, prompt, gen, depth, batch, ubatch, kvType, flashAttention, threads);
    }

    TestCase withGen(int gen) {
        return new TestCase(model, prompt, gen, depth, batch, ubatch, kvType, flashAttention, threads);
    }

    /** Tokens that a repetition is timed over. */
    int tokens() {
        return prompt + gen;
    }

    /** Tokens that the context must hold; exactly as many as llama-bench asks for. */
    int contextLength() {
        return prompt + gen + depth;
    }

    /**
     * The context that the test runs in.
     *
     * @throws IllegalArgumentException if the settings exclude each other
     */
    ContextOptions contextOptions() {
        return ContextOptions.builder()
                .contextLength(contextLength())
                .batchSize(batch)
                .ubatchSize(ubatch)
                .threads(threads)
                .batchThreads(threads)
                .keyType(kvType)
                .valueType(kvType)
                .flashAttention(flashAttention)
                .fullSwa(false) // as llama-bench
                .build();
    }

    /** llama-bench's name: {@code pp512}, {@code tg64 @ d512}. */
    String name() {
        return TestSpec.name(prompt, gen, depth);
    }
}
