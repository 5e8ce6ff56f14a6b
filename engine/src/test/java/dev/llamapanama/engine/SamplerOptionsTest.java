package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerOptionsTest {
    static Stream<ThrowingCallable> outOfRange() {
        return Stream.of(
                () -> SamplerOptions.builder().seed(-1).build(),
                () -> SamplerOptions.builder().seed(1L << 32).build(),
                () -> SamplerOptions.builder().minKeep(-1).build(),
                () -> SamplerOptions.builder().topP(1.01f).build(),
                () -> SamplerOptions.builder().topP(Float.NaN).build(),
                () -> SamplerOptions.builder().minP(-0.1f).build(),
                () -> SamplerOptions.builder().typicalP(2).build(),
                () -> SamplerOptions.builder()
                        .topNSigma(Float.POSITIVE_INFINITY)
                        .build(),
                () -> SamplerOptions.builder().temperature(-1).build(),
                () -> SamplerOptions.builder().temperature(Float.NaN).build(),
                () -> SamplerOptions.builder().logitBias(-1, 0).build(),
                () -> SamplerOptions.builder().logitBias(1, Float.NaN).build(),
                () -> SamplerOptions.builder()
                        .logitBias(1, Float.POSITIVE_INFINITY)
                        .build(),
                () -> new Penalties(-1, 1, 0, 0),
                () -> new Penalties(Integer.MAX_VALUE, 1, 0, 0),
                () -> new Penalties(64, 0, 0, 0),
                () -> new Penalties(64, Float.MIN_VALUE, 0, 0),
                () -> new Penalties(64, 1, Float.NaN, 0),
                () -> new Penalties(64, 1, 0, Float.NEGATIVE_INFINITY),
                () -> new Dry(-1, 1, 1, 1, List.of()),
                () -> new Dry(1, Float.NaN, 1, 1, List.of()),
                () -> new Dry(1, 1, -1, 1, List.of()),
                () -> new Dry(1, 1, 1, Integer.MAX_VALUE, List.of()),
                () -> new Dry(1, 1, 1, 1, List.of("")),
                () -> new Dry(1, 1, 1, 1, List.of("a\0b")),
                () -> new Dry(1, 1, 1, 1, List.of("\uD83D")),
                () -> new Xtc(1.5f, 0.1f),
                () -> new Xtc(0.5f, Float.NaN),
                () -> new AdaptiveP(1.5f, 0.5f),
                () -> new AdaptiveP(Float.NaN, 0.5f),
                () -> new AdaptiveP(0.5f, 1),
                () -> new Mirostat(Mirostat.Version.V1, -1, 0),
                () -> new DynamicTemperature(Float.POSITIVE_INFINITY, 1),
                () -> GenerationOptions.builder().maxTokens(-2).build(),
                () -> GenerationOptions.builder().keep(-2).build(),
                () -> GenerationOptions.builder().logprobs(-1).build(),
                () -> GenerationOptions.builder().stopString("").build(),
                () -> GenerationOptions.builder().stopString("\uDE00").build());
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void refusesWhatIsOutOfRange(ThrowingCallable creation) {
        assertThatThrownBy(creation).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void defaultsAreLlamaCpps() {
        SamplerOptions options = SamplerOptions.defaults();
        assertThat(options.seed()).isEqualTo(0xFFFF_FFFFL);
        assertThat(options.topK()).isEqualTo(40);
        assertThat(options.topP()).isEqualTo(0.95f);
        assertThat(options.minP()).isEqualTo(0.05f);
        assertThat(options.temperature()).isEqualTo(0.8f);
        assertThat(options.penalties()).isEqualTo(new Penalties(64, 1, 0, 0));
        assertThat(options.order().stream().map(SamplerType::key))
                .containsExactly(
                        "penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature");
    }

    @Test
    void toBuilderKeepsAllValues() {
        SamplerOptions options = SamplerOptions.builder()
                .seed(7)
                .minKeep(2)
                .topK(9)
                .topP(0.1f)
                .minP(0.2f)
                .typicalP(0.3f)
                .topNSigma(4)
                .temperature(5)
                .dynamicTemperature(new DynamicTemperature(1, 2))
                .penalties(Penalties.repeat(2))
                .dry(Dry.multiplier(1))
                .xtc(new Xtc(0.5f, 0.2f))
                .adaptiveP(new AdaptiveP(0.5f, 0.1f))
                .mirostat(Mirostat.of(Mirostat.Version.V2))
                .ignoreEndOfGeneration(true)
                .logitBias(3, 1)
                .order(SamplerType.TOP_K)
                .build();
        assertThat(options.toBuilder().build()).isEqualTo(options);

        GenerationOptions generation = GenerationOptions.builder()
                .maxTokens(3)
                .stopStrings("a", "b")
                .sampler(options)
                .grammar(Grammar.of("root ::= \"a\""))
                .logprobs(2)
                .addSpecial(false)
                .parseSpecial(false)
                .showSpecial(true)
                .ignoreEndOfGeneration(true)
                .contextShift(true)
                .keep(4)
                .build();
        assertThat(generation.toBuilder().build()).isEqualTo(generation);
    }

    @Test
    void readsWhatAModelRecommends() {
        SamplerOptions options = RecommendedSampling.read(Map.of(
                "general.sampling.top_k", "20",
                "general.sampling.temp", "0.6",
                "general.sampling.penalty_repeat", "1.05",
                "general.sampling.mirostat", "2",
                "general.sampling.sequence", "temp;TOP-K;nucleus;unknown;minp",
                "general.sampling.min_p", "nonsense"));
        assertThat(options.topK()).isEqualTo(20);
        assertThat(options.temperature()).isEqualTo(0.6f);
        assertThat(options.penalties()).isEqualTo(Penalties.repeat(1.05f));
        assertThat(options.mirostat().version()).isEqualTo(Mirostat.Version.V2);
        assertThat(options.minP()).isEqualTo(0.05f);
        assertThat(options.order())
                .containsExactly(SamplerType.TEMPERATURE, SamplerType.TOP_K, SamplerType.TOP_P, SamplerType.MIN_P);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecommendedSampling.read(Map.of("general.sampling.top_p", "7")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecommendedSampling.read(Map.of("general.sampling.mirostat", "3")));
    }

    @Test
    void aGrammarIsCheckedWhenItIsMade() {
        assertThatThrownBy(() -> Grammar.of("root ::= (\"a\""))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("line 1, column 14: expecting ')'");
        assertThatThrownBy(() -> new Grammar("a ::= \"a\"", "root", List.of(), List.of()))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("'root'");
        assertThatIllegalArgumentException().isThrownBy(() -> Grammar.of("root ::= \"\0\""));
        assertThatIllegalArgumentException().isThrownBy(() -> Grammar.lazy("root ::= \"a\"", List.of(), List.of()));
    }
}
