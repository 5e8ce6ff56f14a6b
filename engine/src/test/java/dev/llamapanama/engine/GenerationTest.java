package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.gguf.forge.ByteVocabulary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The text, the tokens and their probabilities, as they come out. */
@ExtendWith(NoLeaks.class)
class GenerationTest {
    @Test
    void piecesMakeUpTheText() throws Exception {
        Generators.withLlama(generator -> {
            GenerationResult whole = generator.complete(Generators.PROMPT, Generators.GREEDY);
            assertThat(whole.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(whole.tokens()).hasSize(30);

            List<Piece> pieces = new ArrayList<>();
            GenerationResult pushed = generator.generate(Generators.PROMPT, Generators.GREEDY, pieces::add);
            assertThat(String.join("", pieces.stream().map(Piece::text).toList()))
                    .isEqualTo(whole.text());
            assertThat(pieces.stream()
                            .mapToInt(Piece::token)
                            .filter(token -> token != Piece.NO_TOKEN)
                            .toArray())
                    .isEqualTo(whole.tokens());
            assertThat(pushed.text()).isEqualTo(whole.text());

            try (Generation pulled = generator.generate(Generators.PROMPT, Generators.GREEDY)) {
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
        Generators.withLlama(generator -> {
            int[] expected =
                    generator.complete(Generators.PROMPT, Generators.GREEDY).tokens();
            try (TokenStream stream =
                    generator.tokens(generator.tokenize(Generators.PROMPT, Generators.GREEDY), Generators.GREEDY)) {
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
        Generators.withLlama(generator -> {
            GenerationResult result = generator.complete(
                    Generators.PROMPT,
                    Generators.GREEDY.toBuilder().maxTokens(0).build());
            assertThat(result.text()).isEmpty();
            assertThat(result.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(result.timings().prefill()).isPositive();
            int[] prompt = generator.tokenize(Generators.PROMPT, Generators.GREEDY);
            assertThat(generator.context().sequence(0).length()).isEqualTo(prompt.length);
        });
    }

    @Test
    void textEndsAtAStopString() throws Exception {
        Generators.withLlama(generator -> {
            String whole =
                    generator.complete(Generators.PROMPT, Generators.GREEDY).text();
            Random random = new Random(5);
            for (int i = 0; i < 40; i++) {
                int start = random.nextInt(whole.length() - 6);
                String stop = whole.substring(start, start + 1 + random.nextInt(6));
                GenerationResult result = generator.complete(
                        Generators.PROMPT,
                        Generators.GREEDY.toBuilder().stopStrings(stop, "never").build());
                assertThat(result.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
                assertThat(result.finishReason()).isEqualTo(FinishReason.STOP_STRING);
                assertThat(result.stopString()).contains(stop);
            }
        });
    }

    @Test
    void whatCouldBecomeAStopStringIsHeldBackUntilTheEnd() throws Exception {
        Generators.withLlama(generator -> {
            String whole =
                    generator.complete(Generators.PROMPT, Generators.GREEDY).text();
            String almost = whole.substring(whole.length() - 3) + "\u0000";
            List<Piece> pieces = new ArrayList<>();
            GenerationResult result = generator.generate(
                    Generators.PROMPT,
                    Generators.GREEDY.toBuilder().stopString(almost).build(),
                    pieces::add);
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
        Generators.withLlama(generator -> {
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
        Generators.withLlama(generator -> {
            SamplerOptions alwaysStart = SamplerOptions.greedy().toBuilder()
                    .logitBias(ByteVocabulary.MESSAGE_START, 1e6f)
                    .build();
            GenerationOptions hidden = Generators.GREEDY.toBuilder()
                    .maxTokens(2)
                    .sampler(alwaysStart)
                    .build();
            assertThat(generator.complete(Generators.PROMPT, hidden).text()).isEmpty();
            assertThat(generator
                            .complete(
                                    Generators.PROMPT,
                                    hidden.toBuilder().showSpecial(true).build())
                            .text())
                    .isEqualTo("<|im_start|><|im_start|>");
        });
    }

    @Test
    void theEndOfGenerationCanBeIgnored() throws Exception {
        Generators.withLlama(generator -> {
            SamplerOptions alwaysEnd = SamplerOptions.greedy().toBuilder()
                    .logitBias(ByteVocabulary.END_OF_TURN, 1e6f)
                    .build();
            GenerationOptions ends =
                    Generators.GREEDY.toBuilder().sampler(alwaysEnd).build();
            GenerationResult ended = generator.complete(Generators.PROMPT, ends);
            assertThat(ended.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
            assertThat(ended.tokens()).isEmpty();
            assertThat(ended.timings().generatedTokens()).isOne();
            GenerationResult ignored = generator.complete(
                    Generators.PROMPT,
                    ends.toBuilder().ignoreEndOfGeneration(true).build());
            assertThat(ignored.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
        });
    }

    @Test
    void grammarTextAlwaysMatches() throws Exception {
        String gbnf = "root ::= \"{\" pair (\",\" pair)* \"}\"\npair ::= \"\\\"\" [a-z]+ \"\\\":\" [0-9]{1,3}";
        Generators.withLlama(generator -> {
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
                GenerationResult result = generator.complete(Generators.PROMPT, options);
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
        Generators.withLlama(generator -> {
            GenerationOptions options = Generators.GREEDY.toBuilder()
                    .maxTokens(8)
                    .logprobs(5)
                    .sampler(SamplerOptions.builder().seed(3).temperature(1.5f).build())
                    .build();
            List<TokenLogprobs> logprobs = new ArrayList<>();
            List<double[]> expected = new ArrayList<>();
            try (Generation generation = generator.generate(Generators.PROMPT, options)) {
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
        Generators.withLlama(generator -> {
            long start = System.nanoTime();
            Timings timings =
                    generator.complete(Generators.PROMPT, Generators.GREEDY).timings();
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            assertThat(timings.promptTokens())
                    .isEqualTo(generator.tokenize(Generators.PROMPT, Generators.GREEDY).length);
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
}
