package dev.llamapanama.engine;

import java.util.Objects;

/**
 * Mirostat (<a href="https://arxiv.org/abs/2007.14966">arXiv:2007.14966</a>): cuts the candidates so that the surprise of
 * the text stays near {@code tau} ({@code llama_sampler_init_mirostat}, {@code llama_sampler_init_mirostat_v2}).
 * Immutable.
 *
 * @param version which algorithm
 * @param tau target surprise, in bits
 * @param eta learning rate
 */
public record Mirostat(Version version, float tau, float eta) {
    /** The two algorithms of the paper. */
    public enum Version {
        /** No Mirostat. */
        OFF,
        /** Version 1: estimates the exponent of Zipf's law from the 100 likeliest tokens. */
        V1,
        /** Version 2: drops tokens by their surprise. */
        V2
    }

    private static final Mirostat DEFAULTS = new Mirostat(Version.OFF, 5, 0.1f);

    /** Checks the values. */
    public Mirostat {
        Objects.requireNonNull(version, "mirostat.version");
        SamplerChecks.notNegative("mirostat.tau", tau);
        SamplerChecks.notNegative("mirostat.eta", eta);
    }

    /** llama.cpp's: off. */
    public static Mirostat defaults() {
        return DEFAULTS;
    }

    /** A version with llama.cpp's other values. */
    public static Mirostat of(Version version) {
        return new Mirostat(version, DEFAULTS.tau, DEFAULTS.eta);
    }
}
