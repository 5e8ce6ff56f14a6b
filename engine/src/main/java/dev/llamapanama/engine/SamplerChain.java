package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.bindings.SamplerUpcall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Sampler} step by step: the candidates go through the samplers in the order of the calls, and the last one
 * selects the token. {@link Sampler#create} makes llama.cpp's usual chain instead.
 *
 * <p>Parameters are checked at once ({@link IllegalArgumentException}); native memory is taken by {@link #build} only, which
 * may be called again. Not thread-safe.
 */
public final class SamplerChain {
    private final Model model;
    private final List<Step> steps = new ArrayList<>();
    private @Nullable Grammar grammar;

    SamplerChain(Model model) {
        this.model = model;
    }

    /**
     * One sampler of the chain.
     *
     * @param selects whether it may select the token
     */
    private record Step(String name, boolean selects, Needs needs, Maker maker) {}

    /** Which logits a sampler needs to see. */
    private sealed interface Needs {
        /** All, or nobody has thought about it. */
        record All() implements Needs {}

        /** None; it lowers so many of them. */
        record None(int lowered) implements Needs {}

        /** So many of the largest; it forgets the others, or is the last one. */
        record Largest(int tokens) implements Needs {}
    }

    private static Needs nothingIf(boolean off) {
        return off ? new Needs.None(0) : new Needs.All();
    }

    /** Makes the native sampler and adds it to the chain. */
    private interface Maker {
        void add(Assembly to);
    }

    /** What a step needs when it is made. */
    private record Assembly(
            MemorySegment chain,
            int vocabularySize,
            MemorySegment vocabulary,
            NativeError error,
            Arena callbackArena,
            List<CustomStep> customSteps) {}

    /** A custom sampler and its native side. */
    record CustomStep(CustomSampler sampler, SamplerUpcall upcall) {
        static CustomStep of(CustomSampler sampler) {
            return new CustomStep(sampler, new SamplerUpcall(new CustomSamplerCallback(sampler)));
        }
    }

    private SamplerChain step(String name, boolean selects, Maker maker) {
        return step(name, selects, new Needs.All(), maker);
    }

    private SamplerChain step(String name, boolean selects, Needs needs, Maker maker) {
        steps.add(new Step(name, selects, needs, maker));
        return this;
    }

    /**
     * Adds to the logits of some tokens ({@code llama_sampler_init_logit_bias}).
     *
     * @param biases by token id; finite, or negative infinity to exclude a token
     */
    public SamplerChain logitBias(Map<Integer, Float> biases) {
        Map<Integer, Float> sorted = new TreeMap<>(biases);
        sorted.forEach((token, bias) -> SamplerChecks.bias(model.vocabulary().require(token), bias));
        int[] tokens = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
        float[] values = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            values[i] = sorted.get(tokens[i]);
        }
        boolean onlyLowers = sorted.values().stream().allMatch(bias -> bias <= 0);
        return step(
                "logit-bias",
                false,
                onlyLowers ? new Needs.None(sorted.size()) : new Needs.All(),
                to -> Llama.chainAddLogitBias(to.chain, to.vocabularySize, tokens, values, to.error));
    }

    /** Penalties on repeated tokens ({@code llama_sampler_init_penalties}). */
    public SamplerChain penalties(Penalties penalties) {
        return step(
                "penalties",
                false,
                nothingIf(penalties.isOff()),
                to -> Llama.chainAddPenalties(
                        to.chain,
                        to.vocabularySize,
                        penalties.lastTokens(),
                        penalties.repeat(),
                        penalties.frequency(),
                        penalties.presence(),
                        to.error));
    }

    /** Penalty on repeated sequences ({@code llama_sampler_init_dry}). */
    public SamplerChain dry(Dry dry) {
        return step(
                "dry",
                false,
                nothingIf(dry.isOff()),
                to -> Llama.chainAddDry(
                        to.chain,
                        to.vocabulary,
                        dry.multiplier(),
                        dry.base(),
                        dry.allowedLength(),
                        dry.lastTokens(),
                        dry.sequenceBreakers(),
                        to.error));
    }

    /** Keeps logits within n standard deviations of the largest ({@code llama_sampler_init_top_n_sigma}). */
    public SamplerChain topNSigma(float n) {
        SamplerChecks.finite("topNSigma", n);
        return step("top-n-sigma", false, nothingIf(n <= 0), to -> Llama.chainAddTopNSigma(to.chain, n, to.error));
    }

    /** Keeps the k likeliest tokens; all if k is 0 or less ({@code llama_sampler_init_top_k}). */
    public SamplerChain topK(int k) {
        return step(
                "top-k",
                false,
                k <= 0 ? new Needs.None(0) : new Needs.Largest(k),
                to -> Llama.chainAddTopK(to.chain, k, to.error));
    }

    /** Locally typical sampling ({@code llama_sampler_init_typical}). */
    public SamplerChain typical(float p) {
        return typical(p, 0);
    }

    /** Locally typical sampling that leaves at least {@code minKeep} candidates. */
    public SamplerChain typical(float p, int minKeep) {
        SamplerChecks.probability("typicalP", p);
        SamplerChecks.notNegative("minKeep", minKeep);
        return step("typical", false, to -> Llama.chainAddTypical(to.chain, p, minKeep, to.error));
    }

    /** Nucleus sampling ({@code llama_sampler_init_top_p}). */
    public SamplerChain topP(float p) {
        return topP(p, 0);
    }

    /** Nucleus sampling that leaves at least {@code minKeep} candidates. */
    public SamplerChain topP(float p, int minKeep) {
        SamplerChecks.probability("topP", p);
        SamplerChecks.notNegative("minKeep", minKeep);
        return step("top-p", false, to -> Llama.chainAddTopP(to.chain, p, minKeep, to.error));
    }

    /** Keeps tokens of at least p times the largest probability ({@code llama_sampler_init_min_p}). */
    public SamplerChain minP(float p) {
        return minP(p, 0);
    }

    /** Min-p sampling that leaves at least {@code minKeep} candidates. */
    public SamplerChain minP(float p, int minKeep) {
        SamplerChecks.probability("minP", p);
        SamplerChecks.notNegative("minKeep", minKeep);
        return step("min-p", false, to -> Llama.chainAddMinP(to.chain, p, minKeep, to.error));
    }

    /** Excludes top choices ({@code llama_sampler_init_xtc}). */
    public SamplerChain xtc(Xtc xtc, long seed) {
        return xtc(xtc, 0, seed);
    }

    /** Excludes top choices, if that leaves at least {@code minKeep} candidates. */
    public SamplerChain xtc(Xtc xtc, int minKeep, long seed) {
        SamplerChecks.notNegative("minKeep", minKeep);
        int nativeSeed = (int) SamplerChecks.seed(seed);
        return step(
                "xtc",
                false,
                to -> Llama.chainAddXtc(to.chain, xtc.probability(), xtc.threshold(), minKeep, nativeSeed, to.error));
    }

    /** Divides the logits; 0 leaves the largest only ({@code llama_sampler_init_temp}). */
    public SamplerChain temperature(float temperature) {
        SamplerChecks.notNegative("temperature", temperature);
        return step("temperature", false, to -> Llama.chainAddTemp(to.chain, temperature, to.error));
    }

    /** Divides the logits by a temperature that follows their entropy ({@code llama_sampler_init_temp_ext}). */
    public SamplerChain temperature(float temperature, DynamicTemperature dynamic) {
        SamplerChecks.notNegative("temperature", temperature);
        return step(
                "temperature",
                false,
                to -> Llama.chainAddTempExt(to.chain, temperature, dynamic.range(), dynamic.exponent(), to.error));
    }

    /** Merges candidates with a common prefix, for fill-in-the-middle ({@code llama_sampler_init_infill}). */
    public SamplerChain infill() {
        return step("infill", false, to -> Llama.chainAddInfill(to.chain, to.vocabulary, to.error));
    }

    /** A sampler in Java; it may select the token. */
    public SamplerChain custom(CustomSampler sampler) {
        return step("custom", true, to -> {
            CustomStep custom = CustomStep.of(sampler);
            to.customSteps.add(custom);
            Llama.chainAddCustom(to.chain, custom.upcall, to.callbackArena, to.error);
        });
    }

    /** Selects the likeliest token ({@code llama_sampler_init_greedy}). */
    public SamplerChain greedy() {
        return step("greedy", true, new Needs.Largest(1), to -> Llama.chainAddGreedy(to.chain, to.error));
    }

    /** Draws the token from the distribution ({@code llama_sampler_init_dist}). */
    public SamplerChain distribution(long seed) {
        int nativeSeed = (int) SamplerChecks.seed(seed);
        return step("dist", true, to -> Llama.chainAddDist(to.chain, nativeSeed, to.error));
    }

    /**
     * Selects the token by Mirostat ({@code llama_sampler_init_mirostat}, {@code llama_sampler_init_mirostat_v2}).
     *
     * @throws IllegalArgumentException if {@code mirostat} is off
     */
    public SamplerChain mirostat(Mirostat mirostat, long seed) {
        int nativeSeed = (int) SamplerChecks.seed(seed);
        float tau = mirostat.tau();
        float eta = mirostat.eta();
        return switch (mirostat.version()) {
            case OFF -> throw new IllegalArgumentException("mirostat.version is OFF; name V1 or V2");
            case V1 ->
                step(
                        "mirostat",
                        true,
                        to -> Llama.chainAddMirostat(
                                to.chain, to.vocabularySize, nativeSeed, tau, eta, MIROSTAT_TOKENS, to.error));
            case V2 ->
                step("mirostat-v2", true, to -> Llama.chainAddMirostatV2(to.chain, nativeSeed, tau, eta, to.error));
        };
    }

    private static final int MIROSTAT_TOKENS = 100; // m in the paper, and in llama.cpp's common/sampling.cpp

    /** Selects a token near a target probability ({@code llama_sampler_init_adaptive_p}). */
    public SamplerChain adaptiveP(AdaptiveP adaptiveP, long seed) {
        int nativeSeed = (int) SamplerChecks.seed(seed);
        return step(
                Sampler.ADAPTIVE_P,
                true,
                to -> Llama.chainAddAdaptiveP(to.chain, adaptiveP.target(), adaptiveP.decay(), nativeSeed, to.error));
    }

    /**
     * Constrains the text. The grammar stands beside the chain: as in llama.cpp, the chain's choice is checked against it,
     * and where it does not fit, the chain chooses again among the tokens that do.
     */
    public SamplerChain grammar(Grammar grammar) {
        grammar.triggerTokens().forEach(model.vocabulary()::require);
        grammar.prefix().forEach(model.vocabulary()::require);
        this.grammar = grammar;
        return this;
    }

    /**
     * Makes the sampler, which the caller closes.
     *
     * @throws IllegalStateException if the last step cannot select a token, or the model is closed
     * @throws GrammarException if llama.cpp refuses the grammar or a trigger pattern
     * @throws NativeFailureException if native memory runs out
     */
    public Sampler build() {
        if (steps.isEmpty() || !steps.getLast().selects()) {
            throw new IllegalStateException(
                    "a sampler chain must end with the choice of a token: add greedy(), distribution(seed),"
                            + " mirostat(..), adaptiveP(..) or custom(..)");
        }
        return Sampler.assemble(model, names(), this::fill, largest(), grammar);
    }

    /** How many of the largest logits decide what the chain does; 0 if all may. */
    int largest() {
        long lowered = 0;
        for (Step step : steps) {
            if (step.selects && step != steps.getLast()) {
                return 0; // it selects, and forgets none
            }
            switch (step.needs) {
                case Needs.All() -> {
                    return 0;
                }
                case Needs.None(int tokens) -> lowered += tokens;
                case Needs.Largest(int tokens) -> {
                    return (int) Math.min(tokens + lowered, Integer.MAX_VALUE);
                }
            }
        }
        return 0;
    }

    private List<String> names() {
        return steps.stream().map(Step::name).toList();
    }

    /** Adds all samplers to a native chain, which then owns them. */
    private List<CustomStep> fill(MemorySegment chain, Arena callbackArena, NativeError error) {
        List<CustomStep> customSteps = new ArrayList<>();
        Vocabulary vocabulary = model.vocabulary();
        Assembly assembly =
                new Assembly(chain, vocabulary.size(), vocabulary.handle(), error, callbackArena, customSteps);
        for (Step step : steps) {
            step.maker.add(assembly);
        }
        return customSteps;
    }
}
