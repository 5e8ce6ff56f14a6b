package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.gguf.forge.ByteVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class SamplerTest {
    private Model model;
    private Context context;

    @BeforeEach
    void decodeAPrompt() {
        model = Model.load(Models.llama());
        context = model.newContext(
                ContextOptions.builder().contextLength(256).threads(1).build());
        Models.decode(context, 0, 0, Models.tokens(10));
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    @Test
    void defaultChainIsLlamaCpps() {
        try (Sampler sampler =
                Sampler.create(model, SamplerOptions.builder().seed(7).build())) {
            assertThat(sampler.names())
                    .containsExactly(
                            "penalties",
                            "dry",
                            "top-n-sigma",
                            "top-k",
                            "typical",
                            "top-p",
                            "min-p",
                            "xtc",
                            "temperature",
                            "dist");
            assertThat(sampler.seed()).isEqualTo(7);
        }
        SamplerOptions mirostat = SamplerOptions.builder()
                .mirostat(Mirostat.of(Mirostat.Version.V2))
                .ignoreEndOfGeneration(true)
                .build();
        try (Sampler sampler = Sampler.create(model, mirostat)) {
            assertThat(sampler.names()).containsExactly("logit-bias", "temperature", "mirostat-v2");
        }
    }

    @Test
    void aRandomSeedIsDrawnAndTold() {
        try (Sampler one = Sampler.create(model, SamplerOptions.defaults());
                Sampler two = Sampler.create(model, SamplerOptions.defaults())) {
            assertThat(one.seed()).isNotEqualTo(SamplerOptions.RANDOM_SEED).isNotEqualTo(two.seed());
        }
    }

    @Test
    void greedyTakesTheLargestLogit() {
        float[] logits = context.logits(-1).toArray();
        int best = IntStream.range(0, logits.length).reduce(0, (a, b) -> logits[b] > logits[a] ? b : a);
        try (Sampler greedy = Sampler.chain(model).greedy().build();
                Sampler cold = Sampler.create(model, SamplerOptions.greedy());
                Sampler biased = Sampler.chain(model)
                        .logitBias(Map.of(best, Float.NEGATIVE_INFINITY))
                        .greedy()
                        .build()) {
            assertThat(greedy.sample(context, -1)).isEqualTo(best);
            assertThat(cold.sample(context, 9)).isEqualTo(best);
            assertThat(biased.sample(context, -1)).isNotEqualTo(best);
        }
    }

    @Test
    void aChainOfEverySamplerWorks() {
        SamplerChain chain = Sampler.chain(model)
                .logitBias(Map.of(5, -1f))
                .penalties(Penalties.repeat(1.1f))
                .dry(Dry.multiplier(0.8f))
                .topNSigma(2)
                .topK(50)
                .typical(0.9f, 1)
                .topP(0.9f, 1)
                .minP(0.05f, 1)
                .xtc(new Xtc(0.1f, 0.1f), 1, 3)
                .temperature(0.8f)
                .temperature(1, new DynamicTemperature(0.5f, 1))
                .infill();
        Stream.<SamplerChain>of(
                        chain.distribution(4),
                        Sampler.chain(model).greedy(),
                        Sampler.chain(model).mirostat(Mirostat.of(Mirostat.Version.V1), 3),
                        Sampler.chain(model).mirostat(Mirostat.of(Mirostat.Version.V2), 3),
                        Sampler.chain(model).adaptiveP(new AdaptiveP(0.2f, 0.5f), 3))
                .forEach(ending -> {
                    try (Sampler sampler = ending.build()) {
                        for (int i = 0; i < 5; i++) {
                            sampler.accept(sampler.sample(context, -1));
                        }
                    }
                });
    }

    /** Only what comes before the first top-k decides whether it is enough to look at a few logits. */
    @Test
    void theLargestLogitsAreEnoughForATopK() {
        assertThat(Sampler.chain(model).topK(5).distribution(1).largest()).isEqualTo(5);
        assertThat(Sampler.chain(model).greedy().largest()).isEqualTo(1);
        assertThat(Sampler.chain(model)
                        .logitBias(Map.of(1, Float.NEGATIVE_INFINITY, 2, -1f))
                        .penalties(Penalties.defaults())
                        .dry(Dry.defaults())
                        .topNSigma(-1)
                        .topK(0)
                        .topK(5)
                        .penalties(Penalties.repeat(2))
                        .greedy()
                        .largest())
                .isEqualTo(5 + 2);
    }

    @Test
    void allLogitsCountWhereSomethingElseComesFirst() {
        assertThat(Sampler.chain(model).distribution(1).largest()).isZero();
        assertThat(Sampler.chain(model).topK(0).distribution(1).largest()).isZero();
        assertThat(Sampler.chain(model).logitBias(Map.of(1, 1f)).topK(5).largest())
                .isZero();
        assertThat(Sampler.chain(model)
                        .penalties(Penalties.repeat(1.1f))
                        .topK(5)
                        .largest())
                .isZero();
        assertThat(Sampler.chain(model).dry(Dry.multiplier(0.8f)).topK(5).largest())
                .isZero();
        assertThat(Sampler.chain(model).topNSigma(1).topK(5).largest()).isZero();
        assertThat(Sampler.chain(model).temperature(1).topK(5).largest()).isZero();
        assertThat(Sampler.chain(model).custom(_ -> {}).topK(5).largest()).isZero();
        assertThat(Sampler.chain(model).greedy().distribution(1).largest()).isZero(); // which draws from all
    }

    @Test
    void aChainMustChooseAToken() {
        SamplerChain chain = Sampler.chain(model).topK(5);
        assertThatIllegalStateException().isThrownBy(chain::build).withMessageContaining("greedy()");
        assertThatIllegalStateException().isThrownBy(Sampler.chain(model)::build);
        assertThatIllegalArgumentException().isThrownBy(() -> chain.mirostat(Mirostat.defaults(), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> chain.logitBias(Map.of(512, 1f)));
        assertThatIllegalArgumentException().isThrownBy(() -> chain.topP(2));
        assertThatIllegalArgumentException().isThrownBy(() -> chain.distribution(-5));
    }

    static Stream<SamplerOptions> stateful() {
        SamplerOptions hot = SamplerOptions.builder()
                .seed(5)
                .temperature(2)
                .topK(0)
                .minP(0)
                .topP(1)
                .build();
        return Stream.of(
                hot,
                hot.toBuilder().penalties(new Penalties(8, 2, 1, 1)).build(),
                hot.toBuilder().dry(new Dry(2, 2, 0, 32, List.of())).build(),
                hot.toBuilder().xtc(new Xtc(0.5f, 0.001f)).build(),
                hot.toBuilder().mirostat(Mirostat.of(Mirostat.Version.V1)).build(),
                hot.toBuilder().mirostat(Mirostat.of(Mirostat.Version.V2)).build());
    }

    @ParameterizedTest
    @MethodSource("stateful")
    void aCopyHasTheSameState(SamplerOptions options) {
        try (Sampler sampler = Sampler.create(model, options, Grammar.of("root ::= [ -~]+"))) {
            run(sampler, 5);
            sampler.sample(context, -1); // moves the random numbers on
            try (Sampler copy = sampler.copy()) {
                assertThat(run(copy, 20)).isEqualTo(run(sampler, 20));
                assertThat(copy.names()).isEqualTo(sampler.names());
                assertThat(copy.seed()).isEqualTo(sampler.seed());
            }
        }
    }

    @Test
    void anAdaptiveCopyIsRefusedWhileATokenAwaitsAccept() {
        try (Sampler sampler =
                Sampler.chain(model).adaptiveP(new AdaptiveP(0.2f, 0.5f), 3).build()) {
            int token = sampler.sample(context, -1);
            assertThatIllegalStateException().isThrownBy(sampler::copy).withMessageContaining("accept()");
            sampler.accept(token);
            try (Sampler copy = sampler.copy()) {
                copy.accept(token);
                run(copy, 3);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("stateful")
    void resetStartsAgain(SamplerOptions options) {
        try (Sampler sampler = Sampler.create(model, options)) {
            List<Integer> first = run(sampler, 20);
            sampler.reset();
            assertThat(run(sampler, 20)).isEqualTo(first);
        }
    }

    private List<Integer> run(Sampler sampler, int tokens) {
        List<Integer> result = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            int token = sampler.sample(context, -1);
            sampler.accept(token);
            result.add(token);
        }
        return result;
    }

    /** Counts tokens, and lets only one of them through. */
    private static final class OnlyOne implements CustomSampler {
        private final int token;
        private int accepted;
        private int resets;

        OnlyOne(int token) {
            this.token = token;
        }

        @Override
        public void apply(Candidates candidates) {
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.token(i) == token) {
                    candidates.swap(0, i);
                }
            }
            candidates.truncate(1);
        }

        @Override
        public void accept(int acceptedToken) {
            accepted++;
        }

        @Override
        public void reset() {
            resets++;
        }

        @Override
        public CustomSampler copy() {
            OnlyOne copy = new OnlyOne(token);
            copy.accepted = accepted;
            return copy;
        }
    }

    @Test
    void aCustomSamplerIsCalled() {
        OnlyOne custom = new OnlyOne(42);
        try (Sampler sampler =
                Sampler.chain(model).custom(custom).topK(5).distribution(1).build()) {
            assertThat(sampler.sample(context, -1)).isEqualTo(42);
            sampler.acceptPrompt(7);
            sampler.accept(42);
            assertThat(custom.accepted).isEqualTo(2);
            try (Sampler copy = sampler.copy()) {
                assertThat(copy.sample(context, -1)).isEqualTo(42);
                copy.accept(42);
            }
            assertThat(custom.accepted).isEqualTo(2); // the copy has its own
            sampler.reset();
            assertThat(custom.resets).isOne();
        }
    }

    @Test
    void aCustomSamplerWithoutStateIsShared() {
        AtomicInteger calls = new AtomicInteger();
        try (Sampler sampler = Sampler.chain(model)
                        .custom(candidates -> candidates.select(calls.getAndIncrement()))
                        .build();
                Sampler copy = sampler.copy();
                Sampler copyOfCopy = copy.copy()) {
            assertThat(sampler.sample(context, -1)).isZero(); // candidates are in the order of their ids
            assertThat(copy.sample(context, -1)).isOne();
            assertThat(copyOfCopy.sample(context, -1)).isEqualTo(2);
        }
    }

    @Test
    void whatACustomSamplerThrowsReachesTheCaller() {
        AtomicInteger calls = new AtomicInteger();
        CustomSampler failing = candidates -> {
            if (calls.getAndIncrement() == 0) {
                throw new UnsupportedOperationException("mine");
            }
            candidates.select(3);
        };
        try (Sampler sampler = Sampler.chain(model).custom(failing).build()) {
            assertThatThrownBy(() -> sampler.sample(context, -1))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("mine");
            assertThat(sampler.sample(context, -1)).isEqualTo(3);
        }
        CustomSampler error = candidates -> {
            throw new AssertionError("serious");
        };
        try (Sampler sampler =
                Sampler.chain(model).custom(error).custom(error).greedy().build()) {
            assertThatThrownBy(() -> sampler.sample(context, -1))
                    .isInstanceOf(AssertionError.class)
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
        }
    }

    @Test
    void candidatesAreCheckedAndNotKept() {
        Candidates[] kept = new Candidates[1];
        List<Throwable> thrown = new ArrayList<>();
        CustomSampler careless = candidates -> {
            kept[0] = candidates;
            for (Runnable call : List.<Runnable>of(
                    () -> candidates.token(-1),
                    () -> candidates.logit(candidates.size()),
                    () -> candidates.logit(0, Float.NaN),
                    () -> candidates.truncate(0),
                    () -> candidates.swap(0, 1_000_000),
                    () -> candidates.select(-1))) {
                try {
                    call.run();
                } catch (RuntimeException exception) {
                    thrown.add(exception);
                }
            }
        };
        try (Sampler sampler = Sampler.chain(model).custom(careless).greedy().build()) {
            sampler.sample(context, -1);
        }
        assertThat(thrown)
                .hasSize(6)
                .allMatch(t -> t instanceof IllegalArgumentException || t instanceof IndexOutOfBoundsException);
        assertThatIllegalStateException().isThrownBy(() -> kept[0].size());
    }

    @Test
    void aCustomSamplerMustNotUseItsSampler() {
        Sampler[] self = new Sampler[1];
        try (Sampler sampler =
                Sampler.chain(model).custom(_ -> self[0].reset()).greedy().build()) {
            self[0] = sampler;
            assertThatIllegalStateException()
                    .isThrownBy(() -> sampler.sample(context, -1))
                    .withMessageContaining("from within");
        }
        try (Sampler sampler =
                Sampler.chain(model).custom(_ -> self[0].close()).greedy().build()) {
            self[0] = sampler;
            assertThatIllegalStateException().isThrownBy(() -> sampler.sample(context, -1));
        }
    }

    @Test
    void aCustomSamplerThatSelectsNothingIsReported() {
        try (Sampler sampler = Sampler.chain(model).custom(_ -> {}).build()) {
            assertThatThrownBy(() -> sampler.sample(context, -1))
                    .isInstanceOf(NativeFailureException.class)
                    .hasMessageContaining("selected no token");
        }
    }

    @Test
    void theGrammarRejectsTokens() {
        try (Sampler sampler = Sampler.create(model, SamplerOptions.greedy(), Grammar.of("root ::= \"ab\""))) {
            assertThat(sampler.sample(context, -1)).isEqualTo('a');
            sampler.acceptPrompt('z'); // the grammar does not hear of the prompt
            sampler.accept('a');
            assertThatThrownBy(() -> sampler.accept('x'))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageContaining("does not allow token " + (int) 'x');
            assertThatThrownBy(() -> sampler.sample(context, -1))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageContaining("reset()");
            assertThatThrownBy(() -> sampler.accept('b')).isInstanceOf(GrammarException.class);
            sampler.reset();
            sampler.accept('a');
            assertThat(sampler.sample(context, -1)).isEqualTo('b');
            assertThatThrownBy(() -> sampler.accept(ByteVocabulary.END_OF_TEXT)).isInstanceOf(GrammarException.class);
            sampler.reset();
            sampler.accept('a');
            sampler.accept('b');
            int end = sampler.sample(context, -1);
            assertThat(model.vocabulary().isEndOfGeneration(end)).isTrue();
            sampler.accept(end);
        }
    }

    @Test
    void theGrammarSeesAllTokensWhereTheChainLooksAtOne() {
        try (Sampler sampler = Sampler.chain(model)
                .greedy()
                .grammar(Grammar.of("root ::= \"ab\""))
                .build()) {
            assertThat(context.logits(-1).argMax()).isNotEqualTo('a');
            assertThat(sampler.sample(context, -1)).isEqualTo('a');
        }
    }

    @Test
    void aLazyGrammarWaitsForItsTrigger() {
        Grammar byPattern = Grammar.lazy("root ::= \"ab\"", List.of("x(a)"), List.of());
        try (Sampler sampler = Sampler.create(model, SamplerOptions.greedy(), byPattern)) {
            sampler.accept('q');
            sampler.accept('x');
            sampler.accept('a');
            assertThat(sampler.sample(context, -1)).isEqualTo('b');
        }
        Grammar byToken = Grammar.lazy("root ::= \"ab\"", List.of(), List.of((int) 'a'));
        try (Sampler sampler = Sampler.create(model, SamplerOptions.greedy(), byToken)) {
            sampler.accept('q');
            sampler.accept('a');
            assertThat(sampler.sample(context, -1)).isEqualTo('b');
        }
    }

    @Test
    void aTriggerPatternWithRepetitionsHasTheStackItNeeds() {
        Grammar grammar = Grammar.lazy("root ::= \"ab\"", List.of("^(?:(?:q|z)|y)*x(a)$"), List.of());
        try (Sampler sampler = Sampler.create(model, SamplerOptions.greedy(), grammar)) {
            for (int i = 0; i < 1_800; i++) { // without, the process ends at some 1,200
                sampler.accept('q');
            }
            sampler.accept('x');
            sampler.accept('a');
            assertThat(sampler.sample(context, -1)).isEqualTo('b');
            assertThatThrownBy(() -> sampler.accept('c')).isInstanceOf(GrammarException.class);
        }
    }

    @Test
    void afterTheTriggerNothingIsSearchedAndNoHelperStarts() {
        Grammar grammar = Grammar.lazy("root ::= \"ab\"*", List.of("(?:q|z)*x(a)"), List.of());
        ThreadOfAccept seen = new ThreadOfAccept();
        try (Sampler sampler =
                Sampler.chain(model).custom(seen).greedy().grammar(grammar).build()) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 200; i++) {
                    sampler.accept('q');
                }
                assertThat(seen.last).isNotSameAs(Thread.currentThread());
                sampler.accept('x');
                sampler.accept('a');
                assertThat(sampler.sample(context, -1)).isEqualTo('b');
                sampler.accept('b');
                assertThat(seen.last).isSameAs(Thread.currentThread());
                sampler.reset(); // waits for the trigger again
            }
        }
        Grammar byToken = Grammar.lazy("root ::= \"ab\"*", List.of("(?:q|z)*x(a)"), List.of((int) 'a'));
        try (Sampler sampler =
                Sampler.chain(model).custom(seen).greedy().grammar(byToken).build()) {
            for (int i = 0; i < 200; i++) {
                sampler.accept('q');
            }
            try (Sampler before = sampler.copy()) {
                sampler.accept('a');
                sampler.accept('b');
                assertThat(seen.last).isSameAs(Thread.currentThread());
                before.accept('q'); // has not seen the trigger
                assertThat(seen.last).isNotSameAs(Thread.currentThread());
            }
        }
    }

    /** Remembers which thread accepted the last token. */
    private static final class ThreadOfAccept implements CustomSampler {
        private Thread last;

        @Override
        public void apply(Candidates candidates) {}

        @Override
        public void accept(int token) {
            last = Thread.currentThread();
        }

        @Override
        public void reset() {}

        @Override
        public CustomSampler copy() {
            return this;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[z-a]", "a{2,1}", "\\", "*a"})
    void aBadTriggerPatternIsReported(String pattern) {
        Grammar grammar = Grammar.lazy("root ::= \"ab\"", List.of(pattern), List.of());
        assertThatThrownBy(() -> Sampler.create(model, SamplerOptions.greedy(), grammar))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("trigger pattern");
    }

    @ParameterizedTest
    @ValueSource(strings = {"root ::= root \"a\"", "root ::= \"a\" | b\nb ::= root"})
    void leftRecursionIsReportedInLlamaCppsWords(String gbnf) {
        Grammar grammar = Grammar.of(gbnf);
        assertThatThrownBy(() -> Sampler.create(model, SamplerOptions.greedy(), grammar))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("left recursion");
    }

    @Test
    void anUnknownTokenInAGrammarIsReported() {
        assertThatThrownBy(() -> Sampler.create(model, SamplerOptions.greedy(), Grammar.of("root ::= <nonsense>")))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("is each <token>");
    }

    @Test
    void deepRulesFitIntoTheNativeStack() {
        int depth = 2_400;
        StringBuilder gbnf = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < depth; i++) {
            gbnf.append("r" + i + " ::= " + (i + 1 == depth ? "\"x\"" : "r" + (i + 1)) + "\n");
        }
        String nested = "root ::= " + "(".repeat(99) + "\"x\"" + ")".repeat(99);
        for (String text : List.of(gbnf.toString(), nested)) {
            try (Sampler sampler = Sampler.create(model, SamplerOptions.greedy(), Grammar.of(text))) {
                assertThat(sampler.sample(context, -1)).isEqualTo('x');
            }
        }
    }

    @Test
    void unknownTokensAreRefused() {
        try (Sampler sampler = Sampler.create(model, SamplerOptions.defaults())) {
            assertThatIllegalArgumentException().isThrownBy(() -> sampler.accept(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> sampler.acceptPrompt(512));
            assertThatIllegalArgumentException().isThrownBy(() -> sampler.sample(context, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> sampler.sample(context, 99));
        }
    }

    @Test
    void aClosedSamplerIsRefused() {
        Sampler sampler = Sampler.create(model, SamplerOptions.defaults());
        sampler.close();
        sampler.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> sampler.sample(context, -1))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> sampler.accept(1));
        assertThatIllegalStateException().isThrownBy(sampler::copy);
        assertThatIllegalStateException().isThrownBy(sampler::reset);
    }

    @Test
    void aModelOutlivesItsSamplers() {
        try (Sampler sampler = Sampler.create(model, SamplerOptions.defaults())) {
            context.close();
            assertThatIllegalStateException().isThrownBy(model::close).withMessageContaining("Sampler");
            assertThatIllegalStateException().isThrownBy(() -> sampler.sample(context, -1));
        }
    }

    @Test
    void anotherModelsContextIsRefused() {
        try (Model other = Model.load(Models.llama());
                Sampler sampler = Sampler.create(other, SamplerOptions.defaults())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sampler.sample(context, -1))
                    .withMessageContaining("model");
        }
    }
}
