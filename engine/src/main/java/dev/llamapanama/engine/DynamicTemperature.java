package dev.llamapanama.engine;

/**
 * A temperature that follows the entropy of the candidates ({@code llama_sampler_init_temp_ext}, <a
 * href="https://arxiv.org/abs/2309.02772">arXiv:2309.02772</a>), between {@code temperature - range} (at least 0) and
 * {@code temperature + range}. Immutable.
 *
 * @param range 0 for a fixed temperature
 * @param exponent of the normalised entropy
 */
public record DynamicTemperature(float range, float exponent) {
    private static final DynamicTemperature DEFAULTS = new DynamicTemperature(0, 1);

    /** Checks the values. */
    public DynamicTemperature {
        SamplerChecks.notNegative("dynamicTemperature.range", range);
        SamplerChecks.notNegative("dynamicTemperature.exponent", exponent);
    }

    /** llama.cpp's: a fixed temperature. */
    public static DynamicTemperature defaults() {
        return DEFAULTS;
    }
}
