package dev.llamapanama.engine;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to choose tokens: the values of llama.cpp's {@code common_params_sampling}, with its defaults. {@link
 * Sampler#create} builds from them the chain that llama.cpp's own programs use.
 *
 * <p>Immutable. Out-of-range values are refused with {@link IllegalArgumentException}.
 *
 * @param seed of the random numbers, 0 to 2<sup>32</sup>-1; {@link #RANDOM_SEED} for another one each time
 * @param minKeep how many candidates top-p, min-p, typical and XTC leave at the least; 0 for no limit
 * @param topK keep the k likeliest tokens (<a href="https://arxiv.org/abs/1904.09751">arXiv:1904.09751</a>); 0 or less for
 *     all
 * @param topP keep the likeliest tokens that make up this probability (same paper); 1 for all
 * @param minP keep tokens of at least this share of the largest probability (<a
 *     href="https://github.com/ggml-org/llama.cpp/pull/3841">llama.cpp #3841</a>); 0 for all
 * @param typicalP locally typical sampling (<a href="https://arxiv.org/abs/2202.00666">arXiv:2202.00666</a>); 1 for all
 * @param topNSigma keep logits within n standard deviations of the largest (<a
 *     href="https://arxiv.org/abs/2411.07641">arXiv:2411.07641</a>); 0 or less for all
 * @param temperature divides the logits; 0 takes the likeliest token
 * @param dynamicTemperature lets the temperature follow the entropy
 * @param penalties on repeated tokens
 * @param dry penalty on repeated sequences
 * @param xtc exclusion of the likeliest tokens
 * @param adaptiveP used if {@code order} holds {@link SamplerType#ADAPTIVE_P}
 * @param mirostat if on, it replaces the whole chain but logit bias and temperature
 * @param ignoreEndOfGeneration never choose a token that ends the generation (a bias of negative infinity on each)
 * @param logitBias what to add to the logits of some tokens, by token id; negative infinity excludes a token
 * @param order the samplers to run and their order; the last step, which draws the token, is always added
 */
public record SamplerOptions(
        long seed,
        int minKeep,
        int topK,
        float topP,
        float minP,
        float typicalP,
        float topNSigma,
        float temperature,
        DynamicTemperature dynamicTemperature,
        Penalties penalties,
        Dry dry,
        Xtc xtc,
        AdaptiveP adaptiveP,
        Mirostat mirostat,
        boolean ignoreEndOfGeneration,
        Map<Integer, Float> logitBias,
        List<SamplerType> order) {
    /** Asks for another seed each time ({@code LLAMA_DEFAULT_SEED}). {@link Sampler#seed} tells which one it was. */
    public static final long RANDOM_SEED = 0xFFFF_FFFFL;

    private static final SamplerOptions DEFAULTS = new Builder().build();

    /** Checks and copies the values. */
    public SamplerOptions {
        SamplerChecks.seed(seed);
        SamplerChecks.notNegative("minKeep", minKeep);
        SamplerChecks.probability("topP", topP);
        SamplerChecks.probability("minP", minP);
        SamplerChecks.probability("typicalP", typicalP);
        SamplerChecks.finite("topNSigma", topNSigma);
        SamplerChecks.notNegative("temperature", temperature);
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((token, bias) -> {
            SamplerChecks.notNegative("a token of logitBias", token);
            SamplerChecks.bias(token, bias);
        });
        order = List.copyOf(order);
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
            return new SamplerOptions(
                    seed,
                    minKeep,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    topNSigma,
                    temperature,
                    dynamicTemperature,
                    penalties,
                    dry,
                    xtc,
                    adaptiveP,
                    mirostat,
                    ignoreEndOfGeneration,
                    logitBias,
                    order);
        }
    }
}
