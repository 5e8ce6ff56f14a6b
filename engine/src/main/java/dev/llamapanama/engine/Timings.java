package dev.llamapanama.engine;

import java.time.Duration;
import java.util.List;

/**
 * How long a generation took. Immutable.
 *
 * <p>As in llama.cpp, the prompt's time ends with the decode of its last token, and the rate of generation counts the decodes
 * of generated tokens: the first token comes from the prompt's decode, and the last one is not decoded. Time between calls,
 * which belongs to the caller, counts nowhere.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that were in the context's memory already
 * @param prefill time to decode the others
 * @param timeToFirstToken from the start of the prefill until the first token is sampled; zero if there is none
 * @param generatedTokens tokens sampled, the one that ends the generation included
 * @param generation time spent after the first token was sampled
 * @param tokenTimes for each sampled token but the first, the time it took (inter-token latency); of the last 4,096 tokens
 */
public record Timings(
        int promptTokens,
        int cachedTokens,
        Duration prefill,
        Duration timeToFirstToken,
        int generatedTokens,
        Duration generation,
        List<Duration> tokenTimes) {
    /** Copies the list. */
    public Timings {
        tokenTimes = List.copyOf(tokenTimes);
    }

    /** Prompt tokens decoded in a second; 0 if there was no time. */
    public double promptTokensPerSecond() {
        return rate(promptTokens - cachedTokens, prefill);
    }

    /** Tokens generated in a second, the first one apart; 0 if there was no second one. */
    public double tokensPerSecond() {
        return rate(generatedTokens - 1, generation);
    }

    private static double rate(int tokens, Duration time) {
        return tokens <= 0 || time.isZero() ? 0 : tokens * 1e9 / time.toNanos();
    }
}
