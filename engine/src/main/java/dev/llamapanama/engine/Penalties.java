package dev.llamapanama.engine;

/**
 * Penalties on the tokens of the last part of the sequence ({@code llama_sampler_init_penalties}): a logit is divided by
 * {@code repeat} (multiplied, where it is negative), and lowered by {@code frequency} for each occurrence and by
 * {@code presence} once. Immutable.
 *
 * @param lastTokens how many tokens back to look; 0 disables the penalties, at most 1,048,576
 * @param repeat above 0; 1 for none
 * @param frequency 0 for none
 * @param presence 0 for none
 */
public record Penalties(int lastTokens, float repeat, float frequency, float presence) {
    private static final Penalties DEFAULTS = new Penalties(64, 1, 0, 0);

    /** Checks the values. */
    public Penalties {
        SamplerChecks.window("penalties.lastTokens", lastTokens);
        if (!(repeat > 0) || !Float.isFinite(repeat) || !Float.isFinite(1 / repeat)) {
            throw new IllegalArgumentException("penalties.repeat must be finite and greater than 0, not " + repeat);
        }
        SamplerChecks.finite("penalties.frequency", frequency);
        SamplerChecks.finite("penalties.presence", presence);
    }

    /** llama.cpp's: 64 tokens, and no penalty. */
    public static Penalties defaults() {
        return DEFAULTS;
    }

    /** A repetition penalty over the last 64 tokens. */
    public static Penalties repeat(float repeat) {
        return new Penalties(DEFAULTS.lastTokens, repeat, 0, 0);
    }

    /** Whether no logit changes, as llama.cpp sees it. */
    boolean isOff() {
        return lastTokens == 0 || repeat == 1 && frequency == 0 && presence == 0;
    }
}
