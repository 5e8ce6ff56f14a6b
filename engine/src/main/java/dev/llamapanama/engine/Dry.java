package dev.llamapanama.engine;

import java.util.List;

/**
 * "Don't repeat yourself" ({@code llama_sampler_init_dry}, <a
 * href="https://github.com/oobabooga/text-generation-webui/pull/5677">by p-e-w</a>): a token that would prolong a
 * repeated sequence beyond {@code allowedLength} tokens loses {@code multiplier * base ^ (length - allowedLength)} of its
 * logit. Immutable.
 *
 * @param multiplier 0 disables the sampler
 * @param base below 1 disables the sampler
 * @param allowedLength tokens of repetition that cost nothing
 * @param lastTokens how many tokens back to look; 0 disables the sampler, at most 1,048,576
 * @param sequenceBreakers texts over which no repetition reaches; llama.cpp uses the first 40 bytes of each
 */
public record Dry(float multiplier, float base, int allowedLength, int lastTokens, List<String> sequenceBreakers) {
    private static final Dry DEFAULTS = new Dry(0, 1.75f, 2, 64, List.of("\n", ":", "\"", "*"));

    /** Checks and copies the values. */
    public Dry {
        SamplerChecks.notNegative("dry.multiplier", multiplier);
        SamplerChecks.notNegative("dry.base", base);
        SamplerChecks.notNegative("dry.allowedLength", allowedLength);
        SamplerChecks.window("dry.lastTokens", lastTokens);
        sequenceBreakers = List.copyOf(sequenceBreakers);
        sequenceBreakers.forEach(breaker -> {
            if (SamplerChecks.text("dry.sequenceBreakers", breaker).isEmpty()) {
                throw new IllegalArgumentException("dry.sequenceBreakers must hold no empty text");
            }
        });
    }

    /** llama.cpp's: disabled. */
    public static Dry defaults() {
        return DEFAULTS;
    }

    /** The defaults with a multiplier; 0.8 is what its author recommends. */
    public static Dry multiplier(float multiplier) {
        return new Dry(
                multiplier, DEFAULTS.base, DEFAULTS.allowedLength, DEFAULTS.lastTokens, DEFAULTS.sequenceBreakers);
    }

    /** Whether no logit changes, as llama.cpp sees it. */
    boolean isOff() {
        return multiplier == 0 || base < 1 || lastTokens == 0;
    }
}
