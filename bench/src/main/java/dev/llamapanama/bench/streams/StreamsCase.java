package dev.llamapanama.bench.streams;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of a streams run.
 *
 * @param prompt tokens of each stream's prompt, 1 or more
 * @param gen tokens that each stream generates, 1 or more
 * @param streams sequences that are decoded together
 * @param sharedPrompt whether one prompt is processed and copied to all streams
 */
record StreamsCase(int prompt, int gen, int streams, boolean sharedPrompt) {
    /** Every combination, in llama-batched-bench's order. */
    static List<StreamsCase> all(
            List<Integer> prompts, List<Integer> gens, List<Integer> streams, boolean sharedPrompt) {
        List<StreamsCase> cases = new ArrayList<>();
        for (int prompt : prompts) {
            for (int gen : gens) {
                for (int streamCount : streams) {
                    cases.add(new StreamsCase(prompt, gen, streamCount, sharedPrompt));
                }
            }
        }
        return List.copyOf(cases);
    }

    /** Prompt tokens that are processed. */
    int promptTokens() {
        return sharedPrompt ? prompt : streams * prompt;
    }

    /** Tokens that are generated. */
    int genTokens() {
        return streams * gen;
    }

    /**
     * Tokens in memory at the end ({@code n_kv}): each stream has a part of the memory of its own, which holds its copy
     * of a shared prompt too.
     */
    int kvTokens() {
        return streams * (prompt + gen);
    }

    /** A short name: {@code 4x(pp512+tg128)}. */
    String name() {
        return "%dx(pp%d+tg%d)".formatted(streams, prompt, gen);
    }
}
