package dev.llamapanama.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to choose tokens: the values of llama.cpp's {@code common_params_sampling}, with its defaults. {@link
 * Sampler#create} builds from them the chain that llama.cpp's own programs use.
 *
 * <p>Immutable. Out-of-range values are refused with {@link IllegalArgumentException}.
 */
public final class SamplerOptions {
    /** Asks for another seed each time ({@code LLAMA_DEFAULT_SEED}). {@link Sampler#seed} tells which one it was. */
    public static final long RANDOM_SEED = 0xFFFF_FFFFL;

    private static final SamplerOptions DEFAULTS = new Builder().build();

    private final long seed;
    private final int minKeep;
    private final int topK;
    private final float topP;
    private final float minP;
    private final float typicalP;
    private final float topNSigma;
    private final float temperature;
    private final DynamicTemperature dynamicTemperature;
    private final Penalties penalties;
    private final Dry dry;
    private final Xtc xtc;
    private final AdaptiveP adaptiveP;
    private final Mirostat mirostat;
    private final boolean ignoreEndOfGeneration;
    private final Map<Integer, Float> logitBias;
    private final List<SamplerType> order;

    private SamplerOptions(Builder builder) {
        seed = builder.seed;
        minKeep = builder.minKeep;
        topK = builder.topK;
        topP = builder.topP;
        minP = builder.minP;
        typicalP = builder.typicalP;
        topNSigma = builder.topNSigma;
        temperature = builder.temperature;
        dynamicTemperature = builder.dynamicTemperature;
        penalties = builder.penalties;
        dry = builder.dry;
        xtc = builder.xtc;
        adaptiveP = builder.adaptiveP;
        mirostat = builder.mirostat;
        ignoreEndOfGeneration = builder.ignoreEndOfGeneration;
        logitBias = Map.copyOf(builder.logitBias);
        order = List.copyOf(builder.order);
        check();
    }

    private void check() {
        SamplerChecks.seed(seed);
        SamplerChecks.notNegative("minKeep", minKeep);
        SamplerChecks.probability("topP", topP);
        SamplerChecks.probability("minP", minP);
        SamplerChecks.probability("typicalP", typicalP);
        SamplerChecks.finite("topNSigma", topNSigma);
        SamplerChecks.notNegative("temperature", temperature);
        logitBias.forEach((token, bias) -> {
            SamplerChecks.notNegative("a token of logitBias", token);
            SamplerChecks.bias(token, bias);
        });
    }

    /** llama.cpp's defaults. */
    public static SamplerOptions defaults() {
        return DEFAULTS;
    }

    /** Always the likeliest token: the defaults at temperature 0. */
    public static SamplerOptions greedy() {
        return builder().temperature(0).build();
    }

    /**
     * The defaults, with the values that the model's file recommends ({@code general.sampling.*}), as llama.cpp's own
     * programs use them.
     *
     * @throws IllegalArgumentException if a recommended value is out of range
     */
    public static SamplerOptions recommendedBy(Model model) {
        return RecommendedSampling.read(model.metadata());
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Seed of the random numbers, 0 to 2<sup>32</sup>-1; {@link #RANDOM_SEED} for another one each time. */
    public long seed() {
        return seed;
    }

    /** How many candidates top-p, min-p, typical and XTC leave at the least; 0 for no limit. */
    public int minKeep() {
        return minKeep;
    }

    /**
     * Keep the k likeliest tokens (<a href="https://arxiv.org/abs/1904.09751">arXiv:1904.09751</a>); 0 or less for all.
     */
    public int topK() {
        return topK;
    }

    /** Keep the likeliest tokens that make up this probability (same paper); 1 for all. */
    public float topP() {
        return topP;
    }

    /**
     * Keep tokens of at least this share of the largest probability (<a
     * href="https://github.com/ggml-org/llama.cpp/pull/3841">llama.cpp #3841</a>); 0 for all.
     */
    public float minP() {
        return minP;
    }

    /** Locally typical sampling (<a href="https://arxiv.org/abs/2202.00666">arXiv:2202.00666</a>); 1 for all. */
    public float typicalP() {
        return typicalP;
    }

    /**
     * Keep logits within n standard deviations of the largest (<a
     * href="https://arxiv.org/abs/2411.07641">arXiv:2411.07641</a>); 0 or less for all.
     */
    public float topNSigma() {
        return topNSigma;
    }

    /** Divides the logits; 0 takes the likeliest token. */
    public float temperature() {
        return temperature;
    }

    /** Lets the temperature follow the entropy. */
    public DynamicTemperature dynamicTemperature() {
        return dynamicTemperature;
    }

    /** Penalties on repeated tokens. */
    public Penalties penalties() {
        return penalties;
    }

    /** Penalty on repeated sequences. */
    public Dry dry() {
        return dry;
    }

    /** Exclusion of the likeliest tokens. */
    public Xtc xtc() {
        return xtc;
    }

    /** Used if {@code order} holds {@link SamplerType#ADAPTIVE_P}. */
    public AdaptiveP adaptiveP() {
        return adaptiveP;
    }

    /** If on, it replaces the whole chain but logit bias and temperature. */
    public Mirostat mirostat() {
        return mirostat;
    }

    /** Never choose a token that ends the generation (a bias of negative infinity on each). */
    public boolean ignoreEndOfGeneration() {
        return ignoreEndOfGeneration;
    }

    /** What to add to the logits of some tokens, by token id; negative infinity excludes a token. */
    public Map<Integer, Float> logitBias() {
        return logitBias;
    }

    /** The samplers to run and their order; the last step, which draws the token, is always added. */
    public List<SamplerType> order() {
        return order;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SamplerOptions options && values().equals(options.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "SamplerOptions" + values().entrySet();
    }

    /** By name, for equality and text. */
    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("seed", seed);
        values.put("minKeep", minKeep);
        values.put("topK", topK);
        values.put("topP", topP);
        values.put("minP", minP);
        values.put("typicalP", typicalP);
        values.put("topNSigma", topNSigma);
        values.put("temperature", temperature);
        values.put("dynamicTemperature", dynamicTemperature);
        values.put("penalties", penalties);
        values.put("dry", dry);
        values.put("xtc", xtc);
        values.put("adaptiveP", adaptiveP);
        values.put("mirostat", mirostat);
        values.put("ignoreEndOfGeneration", ignoreEndOfGeneration);
        values.put("logitBias", logitBias);
        values.put("order", order);
        return values;
    }

    /** Collects the values of {@link SamplerOptions}. Not thread-safe. */
    public static final class Builder {
        private long seed = RANDOM_SEED;
        private int minKeep;
        private int topK = 40;
        private float topP = 0.95f;
        private float minP = 0.05f;
        private float typicalP = 1;
        private float topNSigma = -1;
        private float temperature = 0.8f;
        private DynamicTemperature dynamicTemperature = DynamicTemperature.defaults();
        private Penalties penalties = Penalties.defaults();
        private Dry dry = Dry.defaults();
        private Xtc xtc = Xtc.defaults();
        private AdaptiveP adaptiveP = AdaptiveP.defaults();
        private Mirostat mirostat = Mirostat.defaults();
        private boolean ignoreEndOfGeneration;
        private Map<Integer, Float> logitBias = new TreeMap<>();
        private List<SamplerType> order = SamplerType.DEFAULT_ORDER;

        private Builder() {}

        private Builder(SamplerOptions options) {
            seed = options.seed;
            minKeep = options.minKeep;
            topK = options.topK;
            topP = options.topP;
            minP = options.minP;
            typicalP = options.typicalP;
            topNSigma = options.topNSigma;
            temperature = options.temperature;
            dynamicTemperature = options.dynamicTemperature;
            penalties = options.penalties;
            dry = options.dry;
            xtc = options.xtc;
            adaptiveP = options.adaptiveP;
            mirostat = options.mirostat;
            ignoreEndOfGeneration = options.ignoreEndOfGeneration;
            logitBias = new TreeMap<>(options.logitBias);
            order = options.order;
        }

        /** See {@link SamplerOptions#seed}. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** See {@link SamplerOptions#minKeep}. */
        public Builder minKeep(int value) {
            minKeep = value;
            return this;
        }

        /** See {@link SamplerOptions#topK}. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** See {@link SamplerOptions#topP}. */
        public Builder topP(float value) {
            topP = value;
            return this;
        }

        /** See {@link SamplerOptions#minP}. */
        public Builder minP(float value) {
            minP = value;
            return this;
        }

        /** See {@link SamplerOptions#typicalP}. */
        public Builder typicalP(float value) {
            typicalP = value;
            return this;
        }

        /** See {@link SamplerOptions#topNSigma}. */
        public Builder topNSigma(float value) {
            topNSigma = value;
            return this;
        }

        /** See {@link SamplerOptions#temperature}. */
        public Builder temperature(float value) {
            temperature = value;
            return this;
        }

        /** See {@link SamplerOptions#dynamicTemperature}. */
        public Builder dynamicTemperature(DynamicTemperature value) {
            dynamicTemperature = value;
            return this;
        }

        /** See {@link SamplerOptions#penalties}. */
        public Builder penalties(Penalties value) {
            penalties = value;
            return this;
        }

        /** See {@link SamplerOptions#dry}. */
        public Builder dry(Dry value) {
            dry = value;
            return this;
        }

        /** See {@link SamplerOptions#xtc}. */
        public Builder xtc(Xtc value) {
            xtc = value;
            return this;
        }

        /** See {@link SamplerOptions#adaptiveP}; the order must hold {@link SamplerType#ADAPTIVE_P} too. */
        public Builder adaptiveP(AdaptiveP value) {
            adaptiveP = value;
            return this;
        }

        /** See {@link SamplerOptions#mirostat}. */
        public Builder mirostat(Mirostat value) {
            mirostat = value;
            return this;
        }

        /** See {@link SamplerOptions#ignoreEndOfGeneration}. */
        public Builder ignoreEndOfGeneration(boolean value) {
            ignoreEndOfGeneration = value;
            return this;
        }

        /** Sets the bias of one token; see {@link SamplerOptions#logitBias}. */
        public Builder logitBias(int token, float bias) {
            logitBias.put(token, bias);
            return this;
        }

        /** Replaces all biases; see {@link SamplerOptions#logitBias}. */
        public Builder logitBias(Map<Integer, Float> value) {
            logitBias = new TreeMap<>(value);
            return this;
        }

        /** See {@link SamplerOptions#order}. */
        public Builder order(List<SamplerType> value) {
            order = value;
            return this;
        }

        /** See {@link SamplerOptions#order}. */
        public Builder order(SamplerType... value) {
            return order(List.of(value));
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if a value is out of range
         */
        public SamplerOptions build() {
            return new SamplerOptions(this);
        }
    }
}
