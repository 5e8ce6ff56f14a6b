package dev.llamapanama.engine.service;

import static dev.llamapanama.engine.service.Drafting.allRight;
import static dev.llamapanama.engine.service.Drafting.alone;
import static dev.llamapanama.engine.service.Drafting.options;
import static dev.llamapanama.engine.service.Drafting.tokens;
import static dev.llamapanama.engine.service.Drafting.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Penalties;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.Drafting.Drafter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever another model guesses, the answers are the same. */
@ExtendWith(NoLeaks.class)
class DraftModelTest {
    @ParameterizedTest
    @EnumSource
    void aGreedyAnswerIsTheSame(Drafter drafter) throws Exception {
        with(drafter, options(1024), (model, service) -> {
            int[] prompt = Services.prompt(1, 40);
            assertThat(tokens(service.submit(Services.request(prompt, 100)))).isEqualTo(alone(model, prompt, 100));
            ServiceStatistics statistics = service.statistics();
            if (drafter == Drafter.ITSELF) {
                allRight(service);
                // one token of its own with four guesses or more in each step
                assertThat(statistics.steps()).isLessThan(30);
            } else {
                assertThat(statistics.draftedTokens()).isPositive();
                assertThat(statistics.acceptedTokens()).isLessThan(statistics.draftedTokens());
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void answersSideBySideAreTheSame(Drafter drafter) throws Exception {
        boolean both = drafter == Drafter.HALF; // it and the lookup
        with(drafter, options(2048).parallel(4).promptLookup(both), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 9)
                    .mapToObj(i ->
                            service.submit(Services.request(Services.prompt(i % 7, 5 + 30 * (i % 7)), 10 + 5 * i)))
                    .toList();
            for (int i = 0; i < 9; i++) {
                assertThat(tokens(handles.get(i)))
                        .as("request %d", i)
                        .isEqualTo(alone(model, Services.prompt(i % 7, 5 + 30 * (i % 7)), 10 + 5 * i));
            }
            if (drafter == Drafter.ITSELF) {
                allRight(service);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatIsMeasuredDecidesHowMuchIsGuessedAndNothingElse(Drafter drafter) throws Exception {
        with(drafter, Services.options(2048).promptLookup(true), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 6)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 50), 150)))
                    .toList();
            for (int i = 0; i < 6; i++) {
                assertThat(tokens(handles.get(i))).isEqualTo(alone(model, Services.prompt(i, 50), 150));
            }
            assertThat(service.statistics().draftedTokens()).isPositive();
        });
    }

    /** What sees tokens one after the other (penalties, a grammar, a seed, stop strings, log-probabilities) sees the same. */
    @ParameterizedTest
    @EnumSource
    void guessesGoThroughTheWholeSampler(Drafter drafter) throws Exception {
        SamplerOptions sampling = SamplerOptions.builder()
                .temperature(0.8f)
                .seed(11)
                .penalties(new Penalties(8, 1.02f, 0, 0))
                .build();
        List<GenerationOptions> all = List.of(
                Services.greedy(60).toBuilder().sampler(sampling).logprobs(2).build(),
                Services.greedy(60).toBuilder().stopStrings("e", "ab").build(),
                Services.greedy(60).toBuilder()
                        .sampler(sampling)
                        .grammar(Grammar.of("root ::= [ab ]{80}"))
                        .ignoreEndOfGeneration(false)
                        .logprobs(1)
                        .build(),
                Services.greedy(200).toBuilder()
                        .sampler(SamplerOptions.builder()
                                .temperature(1.5f)
                                .seed(3)
                                .build())
                        .ignoreEndOfGeneration(false)
                        .build());
        with(drafter, options(1024), (model, service) -> {
            for (GenerationOptions options : all) {
                int[] prompt = Services.prompt(5, 20);
                GenerationResult alone = Services.alone(model, prompt, options);
                GenerationResult result = service.submit(GenerationRequest.builder(prompt)
                                .options(options)
                                .build())
                        .await()
                        .getFirst();
                assertThat(result.tokens()).isEqualTo(alone.tokens());
                assertThat(result.text()).isEqualTo(alone.text());
                assertThat(result.finishReason()).isEqualTo(alone.finishReason());
                assertThat(result.stopString()).isEqualTo(alone.stopString());
                assertThat(result.logprobs()).hasSameSizeAs(alone.logprobs());
                for (int i = 0; i < alone.logprobs().size(); i++) {
                    assertThat(result.logprobs().get(i).chosen().logprob())
                            .isCloseTo(alone.logprobs().get(i).chosen().logprob(), within(1e-3));
                }
            }
            assertThat(service.statistics().draftedTokens()).isPositive();
        });
    }

    @ParameterizedTest
    @EnumSource
    void choicesOfARequestAreTheSame(Drafter drafter) throws Exception {
        with(drafter, options(1024).parallel(4), (model, service) -> {
            SamplerOptions sampling =
                    SamplerOptions.builder().temperature(1.5f).seed(7).build();
            GenerationOptions options =
                    Services.greedy(40).toBuilder().sampler(sampling).build();
            int[] prompt = Services.prompt(3, 100);
            List<GenerationResult> results = service.submit(GenerationRequest.builder(prompt)
                            .options(options)
                            .choices(4)
                            .build())
                    .await();
            for (int i = 0; i < 4; i++) {
                GenerationOptions alone = options.toBuilder()
                        .sampler(sampling.toBuilder().seed(7 + i).build())
                        .build();
                assertThat(results.get(i).tokens())
                        .as("choice %d", i)
                        .isEqualTo(Services.alone(model, prompt, alone).tokens());
            }
            assertThat(service.statistics().draftedTokens()).isPositive();
        });
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatIsShiftedIsTheSame(Drafter drafter) throws Exception {
        GenerationRequest request = GenerationRequest.builder(Services.prompt(1, 60))
                .options(Services.greedy(150))
                .overflow(OverflowPolicy.SHIFT)
                .build();
        int[] expected;
        try (Model model = Model.load(Models.llama());
                InferenceService plain = InferenceService.create(
                        model, Services.options(256).requestLength(100).build())) {
            expected = tokens(plain.submit(request));
        }
        with(drafter, options(256).requestLength(100), (_, service) -> {
            assertThat(tokens(service.submit(request))).isEqualTo(expected);
            assertThat(service.statistics().draftedTokens()).isPositive();
            GenerationResult full = service.submit(Services.request(Services.prompt(1, 60), -1))
                    .await()
                    .getFirst();
            assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(full.tokens()).isEqualTo(Arrays.copyOf(expected, 40));
        });
    }

    @Test
    void answersThatLoseTheirPlaceAreTheSame() throws Exception {
        with(Drafter.HALF, options(600).requestLength(500).cachedSequences(2), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 2)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 20), -1)))
                    .toList();
            for (int i = 0; i < 2; i++) {
                GenerationResult result = handles.get(i).await().getFirst();
                assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
                assertThat(result.tokens()).isEqualTo(alone(model, Services.prompt(i, 20), 480));
            }
            assertThat(service.statistics().preemptions()).isPositive();
        });
    }

    /** An answer goes on until the memory is full, though a guess would have been full before. */
    @Test
    void guessesTakeNobodysRoom() throws Exception {
        with(Drafter.ITSELF, options(256), (_, service) -> {
            try (PinnedPrefix pin = service.pin(Services.prompt(50, 100), "")) {
                List<GenerationEvent> events =
                        Services.events(service.submit(GenerationRequest.builder(Services.prompt(1, 20))
                                .options(Services.greedy(-1))
                                .choices(2)
                                .build()));
                int used = pin.length() + 20;
                while (!(events.getFirst() instanceof GenerationEvent.Finished)) {
                    used += events.removeFirst() instanceof GenerationEvent.Generated ? 1 : 0;
                }
                assertThat(((GenerationEvent.Finished) events.getFirst())
                                .result()
                                .finishReason())
                        .isEqualTo(FinishReason.CONTEXT_FULL);
                assertThat(used).isGreaterThanOrEqualTo(256 - 1);
            }
            allRight(service);
        });
    }

    @Test
    void cancellationsInTheMiddleDisturbNobody() throws Exception {
        with(Drafter.HALF, options(2048).parallel(4).cachedSequences(6), (model, service) -> {
            Random random = new Random(5);
            List<GenerationHandle> handles = new ArrayList<>();
            List<GenerationHandle> bystanders = new ArrayList<>();
            int[] prompt = Services.prompt(77, 40);
            for (int i = 0; i < 40; i++) {
                handles.add(service.submit(
                        GenerationRequest.builder(Services.prompt(random.nextInt(8), 5 + random.nextInt(150)))
                                .options(Services.greedy(1 + random.nextInt(60)))
                                .choices(1 + random.nextInt(3))
                                .build()));
                if (random.nextInt(3) == 0) {
                    Thread.sleep(random.nextInt(5));
                    handles.get(random.nextInt(handles.size())).cancel();
                }
                if (i % 10 == 0) {
                    bystanders.add(service.submit(Services.request(prompt, 60)));
                }
            }
            for (GenerationHandle handle : handles) {
                for (GenerationResult result : handle.await()) {
                    assertThat(result.finishReason()).isIn(FinishReason.MAX_TOKENS, FinishReason.CANCELLED);
                }
            }
            int[] expected = alone(model, prompt, 60);
            for (GenerationHandle bystander : bystanders) {
                assertThat(tokens(bystander)).isEqualTo(expected);
            }
        });
    }
}
