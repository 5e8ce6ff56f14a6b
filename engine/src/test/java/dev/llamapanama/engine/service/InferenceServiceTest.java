package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.ContextOverflowException;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Penalties;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests side by side come out as if alone. */
@ExtendWith(NoLeaks.class)
class InferenceServiceTest {
    interface Body {
        void run(Model model, InferenceService service) throws Exception;
    }

    private static void with(ModelSpec spec, ServiceOptions.Builder options, Body body) throws Exception {
        for (boolean ggmlAttends : new boolean[] {false, true}) {
            try (Model model = Model.load(Models.forged(spec));
                    InferenceService service =
                            InferenceService.create(model, options.build(), Context::decode, ggmlAttends)) {
                body.run(model, service);
                Services.waitUntil(() -> service.health().running() == 0);
                assertThat(service.health().lastError()).isEmpty();
            }
        }
    }

    static Stream<ModelSpec> decoders() {
        return TinyModels.all().stream().filter(spec -> !spec.name().contains("bert"));
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void requestsSideBySideAnswerAsIfAlone(ModelSpec spec) throws Exception {
        with(spec, Services.options(2048).parallel(4), (model, service) -> {
            List<GenerationHandle> handles = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                handles.add(service.submit(Services.request(Services.prompt(i % 7, 5 + 30 * (i % 7)), 12)));
            }
            for (int i = 0; i < 9; i++) {
                GenerationResult result = handles.get(i).await().getFirst();
                int[] prompt = Services.prompt(i % 7, 5 + 30 * (i % 7));
                assertThat(result.tokens())
                        .as("request %d", i)
                        .isEqualTo(Services.alone(model, prompt, Services.greedy(12))
                                .tokens());
                assertThat(result.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
                assertThat(result.timings().promptTokens()).isEqualTo(prompt.length);
            }
        });
    }

    /** Flash attention and F16 values round more coarsely: each token is one of the best of a computation alone, up to that. */
    @Test
    void withDefaultOptionsEachTokenIsOneOfTheBest() throws Exception {
        ContextOptions context =
                ContextOptions.builder().contextLength(2048).threads(2).build();
        with(TinyModels.llama(), ServiceOptions.builder().context(context).parallel(4), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 8)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 10 + 20 * i), 40)))
                    .toList();
            for (int i = 0; i < 8; i++) {
                int[] prompt = Services.prompt(i, 10 + 20 * i);
                int[] answer = handles.get(i).await().getFirst().tokens();
                try (Context alone = model.newContext(context)) {
                    Models.decode(alone, 0, 0, prompt);
                    for (int k = 0; k < answer.length; k++) {
                        float[] logits = alone.logits(-1).toArray();
                        float best = Float.NEGATIVE_INFINITY;
                        for (float logit : logits) {
                            best = Math.max(best, logit);
                        }
                        assertThat(best - logits[answer[k]])
                                .as("request %d, token %d", i, k)
                                .isLessThan(0.05f);
                        Models.decode(alone, 0, prompt.length + k, answer[k]);
                    }
                }
            }
        });
    }

    @Test
    void eventsTellWhatHappensInOrder() throws Exception {
        with(TinyModels.llama(), Services.options(1024), (model, service) -> {
            GenerationOptions options =
                    Services.greedy(10).toBuilder().logprobs(2).build();
            int[] prompt = Services.prompt(1, 40);
            GenerationResult alone = Services.alone(model, prompt, options);
            List<GenerationEvent> events = Services.events(service.submit(
                    GenerationRequest.builder(prompt).options(options).build()));
            assertThat(events.getFirst()).isInstanceOfSatisfying(GenerationEvent.Started.class, started -> {
                assertThat(started.promptTokens()).isEqualTo(40);
                assertThat(started.cachedTokens()).isZero();
            });
            assertThat(events.getLast()).isInstanceOfSatisfying(GenerationEvent.Finished.class, finished -> {
                assertThat(finished.result().tokens()).isEqualTo(alone.tokens());
                assertThat(finished.result().text()).isEqualTo(alone.text());
                assertThat(finished.result().logprobs()).hasSize(10);
            });
            StringBuilder text = new StringBuilder();
            for (GenerationEvent event : events.subList(1, events.size() - 1)) {
                text.append(((GenerationEvent.Generated) event).piece().text());
            }
            assertThat(text).hasToString(alone.text());
        });
    }

    @Test
    void aConsumerGetsTheEventsAndTheHandleTheResults() throws Exception {
        with(TinyModels.llama(), Services.options(1024), (_, service) -> {
            List<GenerationEvent> events = new ArrayList<>();
            GenerationHandle handle = service.submit(Services.request(Services.prompt(1, 10), 5), events::add);
            assertThatIllegalStateException().isThrownBy(handle::next);
            assertThat(handle.await()).hasSize(1);
            Services.waitUntil(() -> events.size() == 7);
        });
    }

    @Test
    void choicesShareTheirPromptAndDiffer() throws Exception {
        with(TinyModels.llama(), Services.options(1024).parallel(4), (model, service) -> {
            SamplerOptions sampling =
                    SamplerOptions.builder().temperature(1.5f).seed(7).build();
            GenerationOptions options =
                    Services.greedy(12).toBuilder().sampler(sampling).build();
            int[] prompt = Services.prompt(3, 200);
            long before = service.statistics().computedTokens();
            List<GenerationResult> results = service.submit(GenerationRequest.builder(prompt)
                            .options(options)
                            .choices(4)
                            .build())
                    .await();
            assertThat(service.statistics().computedTokens() - before).isEqualTo(200);
            assertThat(results).hasSize(4);
            assertThat(results.stream().map(GenerationResult::text).distinct()).hasSizeGreaterThan(1);
            for (int i = 0; i < 4; i++) {
                GenerationOptions alone = options.toBuilder()
                        .sampler(sampling.toBuilder().seed(7 + i).build())
                        .build();
                assertThat(results.get(i).tokens())
                        .as("choice %d", i)
                        .isEqualTo(Services.alone(model, prompt, alone).tokens());
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> service.submit(
                            GenerationRequest.builder(prompt).choices(5).build()))
                    .withMessageContaining("parallel");
        });
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void whatWasComputedIsNotComputedAgain(ModelSpec spec) throws Exception {
        with(spec, Services.options(2048), (model, service) -> {
            int[] system = Services.prompt(1, 300);
            for (int i = 0; i < 3; i++) {
                int[] prompt = join(system, Services.prompt(10 + i, 20));
                GenerationResult result =
                        service.submit(Services.request(prompt, 8)).await().getFirst();
                assertThat(result.tokens())
                        .isEqualTo(Services.alone(model, prompt, Services.greedy(8))
                                .tokens());
                // a memory that cannot be cut learns at the second request where they part
                boolean cutAnywhere = !model.info().recurrent() && !model.info().hybrid();
                int cached = i >= (cutAnywhere ? 1 : 2) ? 300 : 0;
                assertThat(result.timings().cachedTokens()).as("request %d", i).isGreaterThanOrEqualTo(cached);
            }
            assertThat(service.statistics().cacheHits()).isPositive();
        });
    }

    @Test
    void aConversationGoesOnWhereItEnded() throws Exception {
        with(TinyModels.llama(), Services.options(2048), (_, service) -> {
            int[] history = Services.prompt(1, 50);
            for (int turn = 0; turn < 4; turn++) {
                GenerationResult result =
                        service.submit(Services.request(history, 10)).await().getFirst();
                if (turn > 0) {
                    // all but what is new, and the last token of the answer, which nobody has decoded
                    assertThat(result.timings().cachedTokens()).isEqualTo(history.length - 20 - 1);
                }
                history = join(join(history, result.tokens()), Services.prompt(turn, 20));
            }
        });
    }

    @Test
    void sixteenUsersOfOneSystemPromptComputeItOnce() throws Exception {
        with(TinyModels.llama(), Services.options(4096).parallel(16), (_, service) -> {
            int[] system = Services.prompt(1, 400);
            List<GenerationHandle> handles = IntStream.range(0, 16)
                    .mapToObj(i -> service.submit(Services.request(join(system, Services.prompt(100 + i, 10)), 4)))
                    .toList();
            handles.forEach(GenerationHandle::await);
            assertThat(service.statistics().computedTokens()).isLessThanOrEqualTo(400 + 16 * 10);
            assertThat(service.statistics().cacheHits()).isEqualTo(15);
        });
    }

    @Test
    void saltsKeepTenantsApart() throws Exception {
        with(TinyModels.llama(), Services.options(1024), (_, service) -> {
            int[] prompt = Services.prompt(1, 100);
            for (String salt : new String[] {"a", "b", "a"}) {
                GenerationRequest request = GenerationRequest.builder(prompt)
                        .options(Services.greedy(2))
                        .cacheSalt(salt)
                        .build();
                int cached =
                        service.submit(request).await().getFirst().timings().cachedTokens();
                assertThat(cached).isIn(0, 99);
            }
            assertThat(service.statistics().cacheHits()).isEqualTo(1);
        });
    }

    @Test
    void aPinnedPrefixStaysWhateverElseComes() throws Exception {
        with(TinyModels.llama(), Services.options(512).cachedSequences(4).spillHeapBytes(0), (_, service) -> {
            int[] system = Services.prompt(1, 100);
            try (PinnedPrefix pin = service.pin(system, "")) {
                assertThat(pin.length()).isEqualTo(100);
                for (int i = 0; i < 12; i++) {
                    service.submit(Services.request(Services.prompt(50 + i, 150), 3))
                            .await();
                }
                GenerationResult result = service.submit(Services.request(join(system, Services.prompt(2, 10)), 3))
                        .await()
                        .getFirst();
                assertThat(result.timings().cachedTokens()).isEqualTo(100);
            }
            assertThat(service.statistics().evictedTokens()).isPositive();
        });
    }

    @Test
    void guessedTokensChangeNothingButTheNumberOfSteps() throws Exception {
        // a greedy tiny model soon repeats itself, which is what a lookup is good at
        long[] steps = new long[2];
        List<int[]> answers = new ArrayList<>();
        for (boolean lookup : new boolean[] {false, true}) {
            with(TinyModels.llama(), Services.options(2048).promptLookup(lookup).minDraftTokens(4), (_, service) -> {
                answers.add(service.submit(Services.request(Services.prompt(5, 20), 300))
                        .await()
                        .getFirst()
                        .tokens());
                steps[lookup ? 1 : 0] = service.statistics().steps();
                assertThat(service.statistics().draftedTokens() > 0).isEqualTo(lookup);
                assertThat(service.statistics().acceptedTokens())
                        .isLessThanOrEqualTo(service.statistics().draftedTokens());
            });
        }
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
        assertThat(steps[1]).isLessThan(steps[0]);
    }

    /** What sees tokens one after the other (penalties, a grammar, a seed, stop strings, log-probabilities) sees the same. */
    @Test
    void guessedTokensGoThroughTheWholeSampler() throws Exception {
        SamplerOptions sampling = SamplerOptions.builder()
                .temperature(0.3f)
                .seed(11)
                .penalties(new Penalties(8, 1.02f, 0, 0))
                .build();
        GenerationOptions options = Services.greedy(150).toBuilder()
                .sampler(sampling)
                .grammar(Grammar.of("root ::= [ab ]{160}"))
                .ignoreEndOfGeneration(false)
                .logprobs(2)
                .stopStrings("abababababbbbb")
                .build();
        List<GenerationResult> results = new ArrayList<>();
        for (boolean lookup : new boolean[] {false, true}) {
            with(TinyModels.llama(), Services.options(1024).promptLookup(lookup).minDraftTokens(4), (_, service) -> {
                results.add(service.submit(GenerationRequest.builder(Services.prompt(5, 20))
                                .options(options)
                                .build())
                        .await()
                        .getFirst());
                assertThat(service.statistics().acceptedTokens() > 0).isEqualTo(lookup);
            });
        }
        assertThat(results.get(1).text()).isEqualTo(results.get(0).text());
        assertThat(results.get(1).tokens()).isEqualTo(results.get(0).tokens());
        assertThat(results.get(1).finishReason()).isEqualTo(results.get(0).finishReason());
        assertThat(results.get(1).logprobs()).hasSameSizeAs(results.get(0).logprobs());
    }

    @Test
    void grammarsAndStopStringsHoldForEachRequest() throws Exception {
        with(TinyModels.llama(), Services.options(1024), (_, service) -> {
            GenerationOptions digits = GenerationOptions.builder()
                    .sampler(SamplerOptions.greedy())
                    .grammar(Grammar.of("root ::= [0-9]+"))
                    .maxTokens(10)
                    .build();
            GenerationOptions letters =
                    digits.toBuilder().grammar(Grammar.of("root ::= [a-c]+")).build();
            List<GenerationHandle> handles = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                handles.add(service.submit(GenerationRequest.builder(Services.prompt(i, 20))
                        .options(i % 2 == 0 ? digits : letters)
                        .build()));
            }
            for (int i = 0; i < 6; i++) {
                assertThat(handles.get(i).await().getFirst().text()).matches(i % 2 == 0 ? "[0-9]+" : "[a-c]+");
            }
        });
    }

    @Test
    void whatIsTooLongIsRefusedCutOrShifted() throws Exception {
        with(TinyModels.llama(), Services.options(256).requestLength(100), (model, service) -> {
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> service.submit(Services.request(Services.prompt(1, 90), 20)))
                    .matches(e -> e.required() == 110 && e.available() == 100)
                    .withMessageContaining("OverflowPolicy");
            GenerationRequest.Builder builder =
                    GenerationRequest.builder(Services.prompt(1, 300)).options(Services.greedy(20));
            GenerationResult cut = service.submit(
                            builder.overflow(OverflowPolicy.TRUNCATE_MIDDLE).build())
                    .await()
                    .getFirst();
            assertThat(cut.timings().promptTokens()).isEqualTo(80);
            assertThat(cut.tokens()).hasSize(20);
            GenerationResult shifted = service.submit(GenerationRequest.builder(Services.prompt(1, 60))
                            .options(Services.greedy(150))
                            .overflow(OverflowPolicy.SHIFT)
                            .build())
                    .await()
                    .getFirst();
            assertThat(shifted.tokens()).hasSize(150);
            assertThat(shifted.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            // until the request is full it is the same as alone
            assertThat(Arrays.copyOf(shifted.tokens(), 40))
                    .isEqualTo(Services.alone(model, Services.prompt(1, 60), Services.greedy(40))
                            .tokens());
            GenerationResult full = service.submit(GenerationRequest.builder(Services.prompt(1, 60))
                            .options(Services.greedy(-1))
                            .build())
                    .await()
                    .getFirst();
            assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(full.tokens()).hasSize(40);
        });
    }

    @Test
    void higherPrioritiesGoFirst() throws Exception {
        with(TinyModels.llama(), Services.options(1024).parallel(1), (_, service) -> {
            List<Integer> order = new ArrayList<>();
            GenerationHandle blocker = service.submit(Services.request(Services.prompt(1, 10), 200));
            Services.waitUntil(() -> service.health().running() == 1);
            List<GenerationHandle> handles = new ArrayList<>();
            for (int priority : new int[] {0, 5, 2}) {
                handles.add(service.submit(
                        GenerationRequest.builder(Services.prompt(2, 10))
                                .options(Services.greedy(1))
                                .priority(priority)
                                .build(),
                        event -> {
                            if (event instanceof GenerationEvent.Started) {
                                synchronized (order) {
                                    order.add(priority);
                                }
                            }
                        }));
            }
            blocker.await();
            handles.forEach(GenerationHandle::await);
            Services.waitUntil(() -> order.size() == 3);
            assertThat(order).containsExactly(5, 2, 0);
        });
    }

    @Test
    void twoContextsShareTheQueue() throws Exception {
        with(TinyModels.llama(), Services.options(512).contexts(2).parallel(2), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 12)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 30), 20)))
                    .toList();
            for (int i = 0; i < 12; i++) {
                assertThat(handles.get(i).await().getFirst().tokens())
                        .isEqualTo(Services.alone(model, Services.prompt(i, 30), Services.greedy(20))
                                .tokens());
            }
            assertThat(service.health().kvCapacity()).isEqualTo(1024);
        });
    }

    @Test
    void aShutdownWaitsForWhatIsThereAndTakesNothingNew() throws Exception {
        try (Model model = Model.load(Models.llama());
                InferenceService service =
                        InferenceService.create(model, Services.options(1024).build())) {
            List<GenerationHandle> handles = IntStream.range(0, 20)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 30), 20)))
                    .toList();
            service.shutdown(Duration.ofSeconds(60));
            for (GenerationHandle handle : handles) {
                assertThat(handle.await().getFirst().finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
            }
            assertThat(service.health().alive()).isFalse();
            assertThatIllegalStateException()
                    .isThrownBy(() -> service.submit(Services.request(new int[] {5}, 1)))
                    .withMessageContaining("closed");
        }
    }

    static int[] join(int[] a, int[] b) {
        return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
    }
}
