package dev.llamapanama.bench.throughput;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Every combination of what is to be measured.
 *
 * @param models files
 * @param prompts prompt lengths in tokens; 0 is left out
 * @param gens numbers of tokens to generate; 0 is left out
 * @param depths tokens that are in the context before the measurement starts
 * @param batches most tokens in one decode call ({@code n_batch})
 * @param ubatches most tokens in one pass through the network ({@code n_ubatch})
 * @param kvTypes types of keys and values
 * @param flashAttentions whether attention is computed in one kernel
 * @param threads numbers of threads
 */
record TestMatrix(
        List<Path> models,
        List<Integer> prompts,
        List<Integer> gens,
        List<Integer> depths,
        List<Integer> batches,
        List<Integer> ubatches,
        List<KvType> kvTypes,
        List<FlashAttention> flashAttentions,
        List<Integer> threads) {

    /** The tests in llama-bench's order: those of one model together, prompts before generation. */
    List<TestCase> cases() {
        List<TestCase> cases = new ArrayList<>();
        for (Path model : models) {
            for (int batch : batches) {
                for (int ubatch : ubatches) {
                    for (KvType kvType : kvTypes) {
                        for (FlashAttention flashAttention : flashAttentions) {
                            for (int threadCount : threads) {
                                for (int depth : depths) {
                                    TestCase base = new TestCase(
                                            model, 0, 0, depth, batch, ubatch, kvType, flashAttention, threadCount);
                                    prompts.stream()
                                            .filter(n -> n > 0)
                                            .map(base::withPrompt)
                                            .forEach(cases::add);
                                    gens.stream()
                                            .filter(n -> n > 0)
                                            .map(base::withGen)
                                            .forEach(cases::add);
                                }
                            }
                        }
                    }
                }
            }
        }
        return List.copyOf(cases);
    }

    /** For each type of keys and values, a context that takes at least as much memory as any of its cases' takes. */
    List<ContextOptions> largestContexts() {
        return kvTypes.stream().map(this::largestContext).toList();
    }

    private ContextOptions largestContext(KvType kvType) {
        int tokens = Math.max(Collections.max(prompts), Collections.max(gens)) + Collections.max(depths);
        return ContextOptions.builder()
                .contextLength(tokens)
                .batchSize(Collections.max(batches))
                .ubatchSize(Collections.max(ubatches))
                .kvType(kvType)
                .flashAttention(
                        flashAttentions.contains(FlashAttention.DISABLED)
                                ? FlashAttention.DISABLED
                                : FlashAttention.AUTO)
                .fullSwa(false)
                .build();
    }
}
