package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Text and tokens are those of {@code llama-completion}. */
@ExtendWith(NoLeaks.class)
class OracleTest {
    private static final String PROMPT = "The quick brown fox jumps over the lazy dog. The quick";
    private static final int TOKENS = 60;

    private static Oracle oracle;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void findOracle() {
        oracle = Oracle.find();
    }

    static Stream<ModelSpec> decoders() {
        return TinyModels.all().stream().filter(spec -> !spec.name().contains("bert"));
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void greedyOnEachArchitecture(ModelSpec spec) throws Exception {
        check(Models.forged(spec), PROMPT, TOKENS, SamplerOptions.greedy(), List.of("--temp", "0"));
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void sampledOnEachArchitecture(ModelSpec spec) throws Exception {
        check(
                Models.forged(spec),
                PROMPT,
                TOKENS,
                SamplerOptions.builder().seed(1).build(),
                List.of());
    }

    static Stream<Arguments> samplers() {
        return Stream.of(
                sampler("defaults", base(), ""),
                sampler("another seed", base().seed(123), "--seed 123"),
                sampler("largest seed", base().seed(0xFFFF_FFFEL), "--seed 4294967294"),
                sampler(
                        "hot",
                        base().temperature(1.7f).topK(0).minP(0).topP(1),
                        "--temp 1.7 --top-k 0 --min-p 0 --top-p 1"),
                sampler("top-k", base().topK(3), "--top-k 3"),
                sampler("top-p", base().topP(0.5f).topK(0), "--top-p 0.5 --top-k 0"),
                sampler("min-p only", base().order(SamplerType.MIN_P).minP(0.2f), "--samplers min_p --min-p 0.2"),
                sampler("typical", base().typicalP(0.4f), "--typical 0.4"),
                sampler("top-n-sigma", base().topNSigma(1.2f).temperature(1.5f), "--top-nsigma 1.2 --temp 1.5"),
                sampler(
                        "penalties",
                        base().penalties(new Penalties(32, 1.3f, 0.4f, 0.2f)),
                        "--repeat-last-n 32 --repeat-penalty 1.3 --frequency-penalty 0.4 --presence-penalty 0.2"),
                sampler(
                        "penalties and greed",
                        base().temperature(0).penalties(Penalties.repeat(1.5f)),
                        "--temp 0 --repeat-penalty 1.5"),
                sampler("dry", base().dry(Dry.multiplier(0.8f)), "--dry-multiplier 0.8"),
                sampler(
                        "dry with breakers",
                        base().temperature(0).dry(new Dry(2, 1.5f, 1, 128, List.of(" ", "e"))),
                        "--temp 0 --dry-multiplier 2 --dry-base 1.5 --dry-allowed-length 1 --dry-penalty-last-n 128"
                                + " --dry-sequence-breaker BLANK --dry-sequence-breaker e"),
                sampler(
                        "xtc",
                        base().xtc(new Xtc(0.7f, 0.02f)).temperature(1.2f),
                        "--xtc-probability 0.7 --xtc-threshold 0.02 --temp 1.2"),
                sampler(
                        "dynamic temperature",
                        base().temperature(1).dynamicTemperature(new DynamicTemperature(0.6f, 1.3f)),
                        "--temp 1 --dynatemp-range 0.6 --dynatemp-exp 1.3"),
                sampler("mirostat 1", base().mirostat(Mirostat.of(Mirostat.Version.V1)), "--mirostat 1"),
                sampler(
                        "mirostat 2",
                        base().mirostat(new Mirostat(Mirostat.Version.V2, 3, 0.2f)),
                        "--mirostat 2 --mirostat-ent 3 --mirostat-lr 0.2"),
                sampler(
                        "adaptive-p",
                        base().order(SamplerType.MIN_P, SamplerType.ADAPTIVE_P).adaptiveP(new AdaptiveP(0.3f, 0.8f)),
                        "--samplers min_p;adaptive_p --adaptive-target 0.3 --adaptive-decay 0.8"),
                sampler(
                        "logit bias",
                        base().logitBias(Map.of(101, 8f, 32, Float.NEGATIVE_INFINITY, 300, -2.5f)),
                        "--logit-bias 101+8 --logit-bias 32-inf --logit-bias 300-2.5"),
                sampler("ignore end", base().ignoreEndOfGeneration(true), "--ignore-eos"),
                sampler(
                        "another order",
                        base().order(SamplerType.TEMPERATURE, SamplerType.TOP_P, SamplerType.TOP_K)
                                .temperature(1.4f)
                                .topP(0.8f)
                                .topK(20),
                        "--samplers temperature;top_p;top_k --temp 1.4 --top-p 0.8 --top-k 20"));
    }

    private static SamplerOptions.Builder base() {
        return SamplerOptions.builder().seed(1);
    }

    private static Arguments sampler(String name, SamplerOptions.Builder options, String flags) {
        return Arguments.of(name, options.build(), flags);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samplers")
    void sampledWithEachOption(String name, SamplerOptions options, String flags) throws Exception {
        List<String> arguments = flags.isEmpty()
                ? List.of()
                : Stream.of(flags.split(" "))
                        .map(flag -> flag.equals("BLANK") ? " " : flag)
                        .toList();
        check(Models.forged(TinyModels.llama()), PROMPT, TOKENS, options, arguments);
    }

    @Test
    void constrainedByAGrammar() throws Exception {
        String grammar = "root ::= word (\" \" word)* \".\"\nword ::= [a-z]{2,6}";
        Path model = Models.forged(TinyModels.qwen2());
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(TOKENS)
                .sampler(SamplerOptions.builder().seed(1).build())
                .grammar(Grammar.of(grammar))
                .build();
        check(
                model,
                PROMPT,
                options,
                List.of("--predict", "" + TOKENS, "--grammar", grammar),
                ContextOptions.defaults());
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void shiftsTheContext(ModelSpec spec) throws Exception {
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(200)
                .sampler(SamplerOptions.greedy().toBuilder()
                        .ignoreEndOfGeneration(true)
                        .build())
                .contextShift(true)
                .keep(5)
                .build();
        check(
                Models.forged(spec),
                PROMPT,
                options,
                List.of(
                        "--predict",
                        "200",
                        "--temp",
                        "0",
                        "--ignore-eos",
                        "--context-shift",
                        "--keep",
                        "5",
                        "--ctx-size",
                        "256"),
                ContextOptions.builder().contextLength(256).build());
    }

    @Test
    void storiesGreedy() throws Exception {
        Path model = Models.real("stories260K.gguf");
        try (Model stories = Model.load(model);
                TextGenerator generator = TextGenerator.create(stories)) {
            GenerationOptions options = GenerationOptions.builder()
                    .maxTokens(32)
                    .sampler(SamplerOptions.greedy())
                    .build();
            assertThat(generator.complete("Once upon a time", options).text())
                    .isEqualTo(
                            ", there was a little girl named Lily. She loved to play outside in the park. One day, she saw");
        }
        check(model, "Once upon a time", 200, SamplerOptions.greedy(), List.of("--temp", "0"));
    }

    @Test
    void storiesSampled() throws Exception {
        check(
                Models.real("stories260K.gguf"),
                "Lily and",
                200,
                SamplerOptions.builder().seed(1).build(),
                List.of());
    }

    private void check(Path model, String prompt, int tokens, SamplerOptions sampler, List<String> flags)
            throws Exception {
        Stream<String> all = Stream.concat(Stream.of("--predict", "" + tokens), flags.stream());
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(tokens).sampler(sampler).build();
        check(model, prompt, options, all.toList(), ContextOptions.defaults());
    }

    private void check(
            Path file, String prompt, GenerationOptions options, List<String> flags, ContextOptions contextOptions)
            throws Exception {
        // our kernels round attention otherwise, and random models have many tokens that are about equally likely
        Stream<String> all = Stream.concat(flags.stream(), Stream.of("--flash-attn", "off"));
        Oracle.Output expected = oracle.complete(file, prompt, scratch, all.toList());
        try (Model model = Model.load(file);
                TextGenerator generator = TextGenerator.create(
                        model,
                        contextOptions.toBuilder()
                                .threads(1)
                                .flashAttention(FlashAttention.DISABLED)
                                .build())) {
            int promptTokens = generator.tokenize(prompt, options).length;
            GenerationResult result = generator.complete(prompt, options);
            assertThat(result.tokens()).containsExactly(Oracle.generated(expected, promptTokens));
            assertThat(result.text()).isEqualTo(expected.text());
            assertThat(result.finishReason() == FinishReason.END_OF_GENERATION).isEqualTo(expected.ended());
        }
    }
}
