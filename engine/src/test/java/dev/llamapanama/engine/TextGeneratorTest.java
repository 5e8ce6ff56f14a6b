package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.gguf.forge.ByteVocabulary;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class TextGeneratorTest {
    private static final String PROMPT = "The quick brown fox";
    private static final ContextOptions SMALL =
            ContextOptions.builder().contextLength(256).threads(1).build();
    private static final GenerationOptions GREEDY = GenerationOptions.builder()
            .maxTokens(30)
            .sampler(SamplerOptions.greedy())
            .build();

    /** With a model and a generator of a small context. */
    private interface Body {
        void run(TextGenerator generator) throws Exception;
    }

    private static void withGenerator(ModelSpec spec, ContextOptions options, Body body) throws Exception {
        try (Model model = Model.load(Models.forged(spec));
                TextGenerator generator = TextGenerator.create(model, options)) {
            body.run(generator);
        }
    }

    private static void withLlama(Body body) throws Exception {
        withGenerator(TinyModels.llama(), SMALL, body);
    }

    static Stream<ModelSpec> decoders() {
        return TinyModels.all().stream().filter(spec -> !spec.name().contains("bert"));
    }

    @Test
    void piecesMakeUpTheText() throws Exception {
        withLlama(generator -> {
            GenerationResult whole = generator.complete(PROMPT, GREEDY);
            assertThat(whole.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(whole.tokens()).hasSize(30);

            List<Piece> pieces = new ArrayList<>();
            GenerationResult pushed = generator.generate(PROMPT, GREEDY, pieces::add);
            assertThat(String.join("", pieces.stream().map(Piece::text).toList()))
                    .isEqualTo(whole.text());
            assertThat(pieces.stream()
                            .mapToInt(Piece::token)
                            .filter(token -> token != Piece.NO_TOKEN)
                            .toArray())
                    .isEqualTo(whole.tokens());
            assertThat(pushed.text()).isEqualTo(whole.text());

            try (Generation pulled = generator.generate(PROMPT, GREEDY)) {
                assertThatIllegalStateException().isThrownBy(pulled::result);
                StringBuilder text = new StringBuilder();
                pulled.forEachRemaining(piece -> text.append(piece.text()));
                assertThat(text).hasToString(whole.text());
                assertThat(pulled.hasNext()).isFalse();
                assertThatThrownBy(pulled::next).isInstanceOf(NoSuchElementException.class);
                assertThat(pulled.result().tokens()).isEqualTo(whole.tokens());
            }
        });
    }

    @Test
    void tokensWithoutTextAreTheSame() throws Exception {
        withLlama(generator -> {
            int[] expected = generator.complete(PROMPT, GREEDY).tokens();
            try (TokenStream stream = generator.tokens(generator.tokenize(PROMPT, GREEDY), GREEDY)) {
                assertThat(IntStream.generate(stream::nextToken).limit(30).toArray())
                        .isEqualTo(expected);
                assertThat(stream.finishReason()).isEmpty();
                assertThat(stream.nextToken()).isEqualTo(TokenStream.END);
                assertThat(stream.nextToken()).isEqualTo(TokenStream.END);
                assertThat(stream.finishReason()).contains(FinishReason.MAX_TOKENS);
            }
        });
    }

    @Test
    void zeroTokensEvaluateThePromptOnly() throws Exception {
        withLlama(generator -> {
            GenerationResult result =
                    generator.complete(PROMPT, GREEDY.toBuilder().maxTokens(0).build());
            assertThat(result.text()).isEmpty();
            assertThat(result.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(result.timings().prefill()).isPositive();
            int[] prompt = generator.tokenize(PROMPT, GREEDY);
            assertThat(generator.context().sequence(0).length()).isEqualTo(prompt.length);
        });
    }

    @Test
    void textEndsAtAStopString() throws Exception {
        withLlama(generator -> {
            String whole = generator.complete(PROMPT, GREEDY).text();
            Random random = new Random(5);
            for (int i = 0; i < 40; i++) {
                int start = random.nextInt(whole.length() - 6);
                String stop = whole.substring(start, start + 1 + random.nextInt(6));
                GenerationResult result = generator.complete(
                        PROMPT, GREEDY.toBuilder().stopStrings(stop, "never").build());
                assertThat(result.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
                assertThat(result.finishReason()).isEqualTo(FinishReason.STOP_STRING);
                assertThat(result.stopString()).contains(stop);
            }
        });
    }

    @Test
    void whatCouldBecomeAStopStringIsHeldBackUntilTheEnd() throws Exception {
        withLlama(generator -> {
            String whole = generator.complete(PROMPT, GREEDY).text();
            String almost = whole.substring(whole.length() - 3) + "\u0000";
            List<Piece> pieces = new ArrayList<>();
            GenerationResult result = generator.generate(
                    PROMPT, GREEDY.toBuilder().stopString(almost).build(), pieces::add);
            assertThat(result.text()).isEqualTo(whole);
            assertThat(pieces.getLast().token()).isEqualTo(Piece.NO_TOKEN);
            assertThat(pieces.getLast().text()).isEqualTo(whole.substring(whole.length() - 3));
        });
    }

    /** Says some bytes, one after the other. */
    private static Sampler saying(Model model, byte[] bytes) {
        int[] next = {0};
        return Sampler.chain(model)
                .custom(candidates -> candidates.select(
                        next[0] < bytes.length ? bytes[next[0]++] & 0xFF : ByteVocabulary.END_OF_TEXT))
                .build();
    }

    @Test
    void piecesNeverSplitACodePoint() throws Exception {
        String text = "a€😀 ñ";
        withLlama(generator -> {
            int[] prompt = {'x'};
            try (Sampler sampler = saying(generator.context().model(), text.getBytes(StandardCharsets.UTF_8));
                    Generation generation = generator.generate(prompt, GenerationOptions.defaults(), sampler)) {
                List<String> pieces = new ArrayList<>();
                generation.forEachRemaining(piece -> pieces.add(piece.text()));
                assertThat(pieces).containsExactly("a", "", "", "€", "", "", "", "😀", " ", "", "ñ");
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
                assertThat(generation.result().tokens()).hasSize(text.getBytes(StandardCharsets.UTF_8).length);
            }
            byte[] broken = {'a', (byte) 0xE2, (byte) 0x82};
            try (Sampler sampler = saying(generator.context().model(), broken);
                    Generation generation = generator.generate(prompt, GenerationOptions.defaults(), sampler)) {
                List<String> pieces = new ArrayList<>();
                generation.forEachRemaining(piece -> pieces.add(piece.text()));
                assertThat(pieces).containsExactly("a", "", "", "\uFFFD");
                assertThat(generation.result().text()).isEqualTo("a\uFFFD");
            }
        });
    }

    @Test
    void specialTokensAreShownWhenAskedFor() throws Exception {
        withLlama(generator -> {
            SamplerOptions alwaysStart = SamplerOptions.greedy().toBuilder()
                    .logitBias(ByteVocabulary.MESSAGE_START, 1e6f)
                    .build();
            GenerationOptions hidden =
                    GREEDY.toBuilder().maxTokens(2).sampler(alwaysStart).build();
            assertThat(generator.complete(PROMPT, hidden).text()).isEmpty();
            assertThat(generator
                            .complete(
                                    PROMPT, hidden.toBuilder().showSpecial(true).build())
                            .text())
                    .isEqualTo("<|im_start|><|im_start|>");
        });
    }

    @Test
    void theEndOfGenerationCanBeIgnored() throws Exception {
        withLlama(generator -> {
            SamplerOptions alwaysEnd = SamplerOptions.greedy().toBuilder()
                    .logitBias(ByteVocabulary.END_OF_TURN, 1e6f)
                    .build();
            GenerationOptions ends = GREEDY.toBuilder().sampler(alwaysEnd).build();
            GenerationResult ended = generator.complete(PROMPT, ends);
            assertThat(ended.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
            assertThat(ended.tokens()).isEmpty();
            assertThat(ended.timings().generatedTokens()).isOne();
            GenerationResult ignored = generator.complete(
                    PROMPT, ends.toBuilder().ignoreEndOfGeneration(true).build());
            assertThat(ignored.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
        });
    }

    @Test
    void grammarTextAlwaysMatches() throws Exception {
        String gbnf = "root ::= \"{\" pair (\",\" pair)* \"}\"\npair ::= \"\\\"\" [a-z]+ \"\\\":\" [0-9]{1,3}";
        withLlama(generator -> {
            for (long seed = 0; seed < 30; seed++) {
                GenerationOptions options = GenerationOptions.builder()
                        .maxTokens(200)
                        .sampler(SamplerOptions.builder()
                                .seed(seed)
                                .temperature(1.5f)
                                .topK(0)
                                .build())
                        .grammar(Grammar.of(gbnf))
                        .build();
                GenerationResult result = generator.complete(PROMPT, options);
                String pair = "\"[a-z]+\":[0-9]{1,3}";
                if (result.finishReason() == FinishReason.END_OF_GENERATION) {
                    assertThat(result.text()).matches("\\{" + pair + "(," + pair + ")*\\}");
                } else {
                    assertThat(result.text()).matches("\\{[a-z0-9\",:]+\\}?");
                }
            }
        });
    }

    @Test
    void logprobsAreTheLogSoftmaxOfTheLogits() throws Exception {
        withLlama(generator -> {
            GenerationOptions options = GREEDY.toBuilder()
                    .maxTokens(8)
                    .logprobs(5)
                    .sampler(SamplerOptions.builder().seed(3).temperature(1.5f).build())
                    .build();
            List<TokenLogprobs> logprobs = new ArrayList<>();
            List<double[]> expected = new ArrayList<>();
            try (Generation generation = generator.generate(PROMPT, options)) {
                generation.forEachRemaining(piece -> {
                    logprobs.add(piece.logprobs().orElseThrow());
                    expected.add(logSoftmax(generator.context().logits(-1).toArray()));
                });
                assertThat(generation.result().logprobs()).isEqualTo(logprobs);
            }
            for (int i = 0; i < logprobs.size(); i++) {
                double[] all = expected.get(i);
                assertThat(Arrays.stream(all).map(Math::exp).sum()).isCloseTo(1, within(1e-9));
                List<TokenLogprob> top = logprobs.get(i).top();
                List<Integer> best = IntStream.range(0, all.length)
                        .boxed()
                        .sorted(Comparator.<Integer>comparingDouble(token -> -all[token])
                                .thenComparing(token -> token))
                        .limit(5)
                        .toList();
                assertThat(top.stream().map(TokenLogprob::token)).isEqualTo(best);
                assertThat(top).allSatisfy(t -> assertThat(t.logprob()).isCloseTo(all[t.token()], within(1e-9)));
                TokenLogprob chosen = logprobs.get(i).chosen();
                assertThat(chosen.logprob()).isCloseTo(all[chosen.token()], within(1e-9));
            }
        });
    }

    private static double[] logSoftmax(float[] logits) {
        double max = IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i])
                .max()
                .orElseThrow();
        double sum = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i] - max))
                .sum();
        return IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i] - max - Math.log(sum))
                .toArray();
    }

    @Test
    void timingsAreSane() throws Exception {
        withLlama(generator -> {
            long start = System.nanoTime();
            Timings timings = generator.complete(PROMPT, GREEDY).timings();
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            assertThat(timings.promptTokens()).isEqualTo(generator.tokenize(PROMPT, GREEDY).length);
            assertThat(timings.cachedTokens()).isZero();
            assertThat(timings.generatedTokens()).isEqualTo(30);
            assertThat(timings.prefill()).isPositive().isLessThanOrEqualTo(timings.timeToFirstToken());
            assertThat(timings.tokenTimes()).hasSize(29).allMatch(time -> time.isPositive());
            assertThat(timings.tokenTimes().stream().reduce(Duration.ZERO, Duration::plus))
                    .isEqualTo(timings.generation());
            assertThat(timings.timeToFirstToken().plus(timings.generation())).isLessThan(wall);
            assertThat(timings.tokensPerSecond())
                    .isCloseTo(29e9 / timings.generation().toNanos(), within(1e-6));
            assertThat(timings.promptTokensPerSecond()).isPositive();
        });
    }

    @Test
    void thePromptMustFit() throws Exception {
        withLlama(generator -> {
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> generator.complete(Models.tokens(257), GREEDY))
                    .satisfies(exception -> {
                        assertThat(exception.required()).isEqualTo(257);
                        assertThat(exception.available()).isEqualTo(256);
                    });
            GenerationResult full = generator.complete(Models.tokens(256), GREEDY);
            assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(full.tokens()).hasSize(1);
        });
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void theContextGetsFull(ModelSpec spec) throws Exception {
        withGenerator(spec, SMALL, generator -> {
            GenerationOptions endless =
                    GREEDY.toBuilder().maxTokens(-1).ignoreEndOfGeneration(true).build();
            GenerationResult result = generator.complete(Models.tokens(20), endless);
            assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(result.tokens()).hasSize(256 - 20); // as llama.cpp, which leaves the last place free
        });
    }

    @Test
    void aContextShiftThatKeepsEverythingCannotGoOn() throws Exception {
        withLlama(generator -> {
            GenerationOptions options = GREEDY.toBuilder()
                    .maxTokens(-1)
                    .ignoreEndOfGeneration(true)
                    .contextShift(true)
                    .keep(-1)
                    .build();
            GenerationResult result = generator.complete(Models.tokens(255), options);
            assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
        });
    }

    @Test
    void anEmptyPromptIsBosOrAnError() throws Exception {
        withLlama(generator -> {
            Vocabulary vocabulary = generator.context().model().vocabulary();
            if (vocabulary.addsBos()) {
                int[] bos = {vocabulary.bos().getAsInt()};
                assertThat(generator.complete(new int[0], GREEDY).tokens())
                        .isEqualTo(generator.complete(bos, GREEDY).tokens());
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> generator.complete("", GREEDY))
                        .withMessageContaining("at least one token");
            }
        });
        withGenerator(TinyModels.qwen2(), SMALL, generator -> {
            if (!generator.context().model().vocabulary().addsBos()) {
                assertThatIllegalArgumentException().isThrownBy(() -> generator.complete("", GREEDY));
            }
        });
    }

    @Test
    void badPromptTokensAreRefusedAndTheGeneratorLives() throws Exception {
        withLlama(generator -> {
            assertThatIllegalArgumentException().isThrownBy(() -> generator.complete(new int[] {1, -1}, GREEDY));
            assertThatIllegalArgumentException().isThrownBy(() -> generator.complete(new int[] {1, 512}, GREEDY));
            assertThat(generator.complete(PROMPT, GREEDY).tokens()).hasSize(30);
        });
    }

    /** A generation is the same, whatever was in memory before. */
    @ParameterizedTest
    @MethodSource("decoders")
    void thePromptCacheChangesNothing(ModelSpec spec) throws Exception {
        withGenerator(spec, SMALL.toBuilder().fullSwa(false).contextLength(512).build(), generator -> {
            Random random = new Random(11);
            int[] base = Models.tokens(120);
            for (int round = 0; round < 12; round++) {
                int[] prompt = Arrays.copyOf(base, 1 + random.nextInt(base.length));
                if (random.nextBoolean()) {
                    prompt[random.nextInt(prompt.length)] = 77;
                }
                GenerationOptions options =
                        GREEDY.toBuilder().maxTokens(random.nextInt(8)).build();
                GenerationResult cached = generator.complete(prompt, options);
                generator.clear();
                GenerationResult fresh = generator.complete(prompt, options);
                assertThat(cached.tokens()).as("round " + round).isEqualTo(fresh.tokens());
                assertThat(fresh.timings().cachedTokens()).isZero();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void aContinuedPromptIsNotEvaluatedAgain(ModelSpec spec) throws Exception {
        withGenerator(spec, SMALL, generator -> {
            int[] prompt = Models.tokens(50);
            GenerationResult first =
                    generator.complete(prompt, GREEDY.toBuilder().maxTokens(4).build());
            int[] longer = IntStream.concat(
                            IntStream.concat(Arrays.stream(prompt), Arrays.stream(first.tokens())), IntStream.of(5, 6))
                    .toArray();
            GenerationResult second = generator.complete(longer, GREEDY);
            assertThat(second.timings().cachedTokens()).isEqualTo(50 + 3); // the last token was never evaluated
            ModelInfo info = generator.context().model().info();
            GenerationResult again = generator.complete(longer, GREEDY);
            if (!info.recurrent() && !info.hybrid()) {
                assertThat(again.timings().cachedTokens()).isEqualTo(longer.length - 1);
            } else {
                assertThat(again.timings().cachedTokens()).isZero();
            }
            assertThat(again.tokens()).isEqualTo(second.tokens());
        });
    }

    @Test
    void aMemoryThatSomebodyElseChangedIsNotTrusted() throws Exception {
        withLlama(generator -> {
            int[] prompt = Models.tokens(40);
            GenerationResult first = generator.complete(prompt, GREEDY);
            generator.context().clearMemory();
            GenerationResult second = generator.complete(prompt, GREEDY);
            assertThat(second.timings().cachedTokens()).isZero();
            assertThat(second.tokens()).isEqualTo(first.tokens());
        });
    }

    @Test
    void closingEarlyLeavesTheContextUsable() throws Exception {
        withLlama(generator -> {
            GenerationResult expected = generator.complete(PROMPT, GREEDY);
            generator.clear();
            for (int pieces = 0; pieces < 4; pieces++) {
                Generation generation = generator.generate(PROMPT, GREEDY);
                for (int i = 0; i < pieces; i++) {
                    generation.next();
                }
                generation.close();
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThatIllegalStateException().isThrownBy(generation::next);
                assertThat(generator.complete(PROMPT, GREEDY).text()).isEqualTo(expected.text());
            }
        });
    }

    @Test
    void oneGenerationAtATime() throws Exception {
        withLlama(generator -> {
            try (Generation open = generator.generate(PROMPT, GREEDY)) {
                open.next();
                assertThatIllegalStateException()
                        .isThrownBy(() -> generator.complete(PROMPT, GREEDY))
                        .withMessageContaining("still open");
            }
            generator.generate(PROMPT, GREEDY); // left open: closed with the generator
        });
    }

    @Test
    void aBorrowedContextStaysOpen() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(SMALL)) {
            try (TextGenerator generator = TextGenerator.over(context)) {
                generator.complete(PROMPT, GREEDY);
            }
            assertThat(context.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-dense.gguf", "mamba-dense.gguf"})
    void otherVocabulariesWork(String name) {
        try (Model model = Model.load(Models.real(name));
                TextGenerator generator = TextGenerator.create(model, SMALL)) {
            try (TokenStream stream = generator.tokens(new int[] {1, 2, 3}, GREEDY)) {
                assertThat(stream.nextToken()).isNotEqualTo(TokenStream.END);
            }
        }
    }

    @Test
    void anEncoderIsRefused() {
        try (Model model = Model.load(Models.forged(TinyModels.bert()))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> TextGenerator.create(model))
                    .withMessageContaining("no memory");
        }
    }

    @Test
    void whatACustomSamplerThrowsEndsTheGeneration() throws Exception {
        withLlama(generator -> {
            try (Sampler sampler = Sampler.chain(generator.context().model())
                            .custom(_ -> {
                                throw new IllegalCallerException("mine");
                            })
                            .build();
                    TokenStream stream = generator.tokens(new int[] {'a'}, GREEDY, sampler)) {
                assertThatThrownBy(stream::nextToken).isInstanceOf(IllegalCallerException.class);
                assertThatIllegalStateException().isThrownBy(stream::nextToken).withMessageContaining("earlier call");
            }
            assertThat(generator.complete(PROMPT, GREEDY).tokens()).hasSize(30);
        });
    }

    @Test
    void cancelBetweenTokens() throws Exception {
        withLlama(generator -> {
            try (Generation generation = generator.generate(PROMPT, GREEDY)) {
                generation.next();
                generation.cancel();
                generation.forEachRemaining(_ -> {});
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThat(generation.result().tokens()).hasSize(1);
            }
            try (Generation generation = generator.generate(PROMPT, GREEDY)) {
                generation.cancel();
                assertThat(generation.hasNext()).isFalse();
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                generation.cancel();
            }
            assertThat(generator.complete(PROMPT, GREEDY).tokens()).hasSize(30);
        });
    }

    @Test
    void cancelAfterTheEndHitsNobody() throws Exception {
        withLlama(generator -> {
            Generation generation = generator.generate(PROMPT, GREEDY);
            generation.forEachRemaining(_ -> {});
            generation.cancel();
            generation.close();
            generation.cancel();
            assertThat(generator.complete(PROMPT, GREEDY).finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
        });
    }

    @Test
    @Timeout(120)
    void cancelWithinAPrefill() throws Exception {
        ContextOptions options = ContextOptions.builder()
                .contextLength(8192)
                .batchSize(8192)
                .ubatchSize(512)
                .threads(2)
                .build();
        try (Model model = Model.load(Models.slow());
                TextGenerator generator = TextGenerator.create(model, options);
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            GenerationOptions few = GREEDY.toBuilder().maxTokens(3).build();
            int[] prompt = Models.tokens(8000);
            int[] shorter = Arrays.copyOf(prompt, 40);
            GenerationResult expected = generator.complete(shorter, few);
            for (int round = 0; round < 3; round++) {
                generator.clear();
                try (Generation generation = generator.generate(prompt, few)) {
                    Future<?> cancellation =
                            timer.schedule(generation::cancel, 50 + 100 * round, TimeUnit.MILLISECONDS);
                    long start = System.nanoTime();
                    assertThat(generation.hasNext()).isFalse();
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
                    assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                    cancellation.get();
                }
                assertThat(generator.context().sequence(0).length()).isZero();
                assertThat(generator.complete(shorter, few).tokens()).isEqualTo(expected.tokens());
            }
        }
    }

    @Test
    @Timeout(120)
    void cancelAtAnyMoment() throws Exception {
        withGenerator(TinyModels.mamba(), SMALL, generator -> {
            GenerationResult expected = generator.complete(Models.tokens(100), GREEDY);
            Random random = new Random(1);
            try (var executor = Executors.newSingleThreadExecutor()) {
                for (int round = 0; round < 60; round++) {
                    try (Generation generation = generator.generate(Models.tokens(100), GREEDY)) {
                        int delay = random.nextInt(8_000);
                        var cancelling = executor.submit(() -> {
                            TimeUnit.MICROSECONDS.sleep(delay);
                            generation.cancel();
                            return null;
                        });
                        generation.forEachRemaining(_ -> {});
                        assertThat(generation.result().finishReason())
                                .isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
                        cancelling.get();
                    }
                    if (round % 10 == 0) {
                        assertThat(generator
                                        .complete(Models.tokens(100), GREEDY)
                                        .tokens())
                                .isEqualTo(expected.tokens());
                    }
                }
            }
        });
    }

    @Test
    @Timeout(60)
    void closeFromAnotherThreadEndsTheGeneration() throws Exception {
        ContextOptions options =
                ContextOptions.builder().contextLength(8192).threads(2).build();
        try (Model model = Model.load(Models.slow());
                TextGenerator generator = TextGenerator.create(model, options);
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            Generation generation = generator.generate(Models.tokens(8000), GREEDY);
            var closing = timer.schedule(generation::close, 100, TimeUnit.MILLISECONDS);
            assertThat(generation.hasNext()).isFalse();
            closing.get();
            assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        }
    }
}
