package dev.llamapanama.engine;

/**
 * "Exclude top choices" ({@code llama_sampler_init_xtc}, <a
 * href="https://github.com/oobabooga/text-generation-webui/pull/6335">by p-e-w</a>): with {@code probability}, all tokens
 * of at least {@code threshold} are dropped but the least likely of them. Immutable.
 *
 * @param probability 0 to 1; 0 disables the sampler
 * @param threshold 0 to 1; above 0.5 disables the sampler
 */
public record Xtc(float probability, float threshold) {
    private static final Xtc DEFAULTS = new Xtc(0, 0.1f);

    /** Checks the values. */
    public Xtc {
        SamplerChecks.probability("xtc.probability", probability);
        SamplerChecks.probability("xtc.threshold", threshold);
    }

    /** llama.cpp's: disabled. */
    public static Xtc defaults() {
        return DEFAULTS;
    }
}
