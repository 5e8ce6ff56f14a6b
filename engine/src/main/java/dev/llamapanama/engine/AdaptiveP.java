package dev.llamapanama.engine;

/**
 * Adaptive-p ({@code llama_sampler_init_adaptive_p}, <a
 * href="https://github.com/ggml-org/llama.cpp/pull/17927">llama.cpp #17927</a>): prefers tokens near a target
 * probability, which it moves so that the running mean of the chosen tokens' probabilities meets it. It chooses the
 * token, so it comes last in a chain. Immutable.
 *
 * @param target probability, 0 to 1; negative: draw from the distribution as it is
 * @param decay how much of the past to keep at each token, 0 to 0.99; the mean spans about {@code 1 / (1 - decay)} tokens
 */
public record AdaptiveP(float target, float decay) {
    private static final AdaptiveP DEFAULTS = new AdaptiveP(-1, 0.9f);

    /** Checks the values. */
    public AdaptiveP {
        if (SamplerChecks.finite("adaptiveP.target", target) > 1) {
            throw new IllegalArgumentException("adaptiveP.target must not be above 1, but is " + target);
        }
        SamplerChecks.inRange("adaptiveP.decay", decay, 0, 0.99f);
    }

    /** llama.cpp's: no target. */
    public static AdaptiveP defaults() {
        return DEFAULTS;
    }
}
