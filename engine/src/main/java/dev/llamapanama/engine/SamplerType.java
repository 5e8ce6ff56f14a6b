package dev.llamapanama.engine;

import java.util.List;

/** The samplers whose order {@link SamplerOptions#order} gives ({@code common_sampler_type}). */
public enum SamplerType {
    /** {@link Penalties}. */
    PENALTIES("penalties"),
    /** {@link Dry}. */
    DRY("dry"),
    /** {@link SamplerOptions#topNSigma}. */
    TOP_N_SIGMA("top_n_sigma"),
    /** {@link SamplerOptions#topK}. */
    TOP_K("top_k"),
    /** {@link SamplerOptions#typicalP}. */
    TYPICAL_P("typ_p"),
    /** {@link SamplerOptions#topP}. */
    TOP_P("top_p"),
    /** {@link SamplerOptions#minP}. */
    MIN_P("min_p"),
    /** {@link Xtc}. */
    XTC("xtc"),
    /** {@link SamplerOptions#temperature} and {@link DynamicTemperature}. */
    TEMPERATURE("temperature"),
    /** Merges candidates with a common prefix, for fill-in-the-middle ({@code llama_sampler_init_infill}). */
    INFILL("infill"),
    /** {@link AdaptiveP}; chooses the token, at the end of the chain, wherever it stands in the order. */
    ADAPTIVE_P("adaptive_p");

    /** llama.cpp's order. */
    static final List<SamplerType> DEFAULT_ORDER =
            List.of(PENALTIES, DRY, TOP_N_SIGMA, TOP_K, TYPICAL_P, TOP_P, MIN_P, XTC, TEMPERATURE);

    private final String key;

    SamplerType(String key) {
        this.key = key;
    }

    /** The name that llama.cpp's tools use, as in {@code --samplers} and {@code general.sampling.sequence}. */
    public String key() {
        return key;
    }
}
