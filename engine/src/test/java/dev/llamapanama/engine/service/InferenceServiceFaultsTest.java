package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.GrammarException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens to one request, the others answer as if alone, and nothing is left. */
@ExtendWith(NoLeaks.class)
class InferenceServiceFaultsTest {
    private static final int[] PROMPT = Services.prompt(77, 40);

    interface Body {
        void run(InferenceService service, Bystander bystander) throws Exception;
    }

    /** A request that must not notice anything. */
    record Bystander(Model model, InferenceService service) {
        GenerationHandle submit() {
            return service.submit(Services.request(PROMPT, 60));
        }

        void check(GenerationHandle handle) {
            assertThat(handle.await().getFirst().tokens())
                    .isEqualTo(
                            Services.alone(model, PROMPT, Services.greedy(60)).tokens());
        }
    }

    private static void with(Path file, ServiceOptions.Builder options, Body body) throws Exception {
        with(file, options, Context::decode, body);
    }

    private static void with(Path file, ServiceOptions.Builder options, Scheduler.Decoder decoder, Body body)
            throws Exception {
        try (Model model = Model.load(file);
                InferenceService service = InferenceService.create(model, options.build(), decoder)) {
            body.run(service, new Bystander(model, service));
            Services.waitUntil(
                    () -> service.health().running() == 0 && service.health().waiting() == 0);
            assertThat(service.health().alive()).isTrue();
        }
    }

    private static FinishReason reason(GenerationHandle handle) {
        return handle.await().getFirst().finishReason();
    }

    @Test
    void aRequestCanBeCancelledInTheQueue() throws Exception {
        with(Models.llama(), Services.options(1024).parallel(1), (service, bystander) -> {
            GenerationHandle running = bystander.submit();
            GenerationHandle waiting = service.submit(Services.request(Services.prompt(1, 30), 10));
            waiting.cancel();
            waiting.cancel();
            assertThat(reason(waiting)).isEqualTo(FinishReason.CANCELLED);
            assertThat(waiting.await().getFirst().tokens()).isEmpty();
            bystander.check(running);
            assertThat(service.statistics().cancelled()).isEqualTo(1);
        });
    }

    @Test
    void aRequestCanBeCancelledInItsPrompt() throws Exception {
        with(Models.slow(), Services.options(2048), (service, _) -> {
            GenerationHandle handle = service.submit(Services.request(Services.prompt(1, 1900), 10));
            Services.waitUntil(() -> service.health().longestStep().isPositive());
            handle.cancel();
            GenerationResult result = handle.await().getFirst();
            assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(result.tokens()).isEmpty();
            assertThat(service.statistics().computedTokens()).isLessThan(1900);
            // nothing of it is in use any more, but what the cache may give up
            Services.waitUntil(() -> service.health().running() == 0);
            assertThat(service.submit(Services.request(Services.prompt(2, 1900), 10))
                            .await()
                            .getFirst()
                            .tokens())
                    .hasSize(10);
        });
    }

    @Test
    void aRequestCanBeCancelledInItsAnswerWhileAnotherComesIn() throws Exception {
        with(Models.llama(), Services.options(2048), (service, bystander) -> {
            for (int i = 0; i < 20; i++) {
                GenerationHandle answering = service.submit(Services.request(Services.prompt(i, 10), 1000));
                assertThat(answering.next()).isPresent(); // started
                assertThat(answering.next()).isPresent(); // a token
                GenerationHandle other = bystander.submit();
                answering.cancel();
                assertThat(reason(answering)).isEqualTo(FinishReason.CANCELLED);
                bystander.check(other);
            }
        });
    }

    @Test
    void whatWasGeneratedUntilTheCancellationIsThere() throws Exception {
        with(Models.llama(), Services.options(2048), (service, _) -> {
            GenerationHandle handle = service.submit(Services.request(PROMPT, 1900));
            for (int i = 0; i < 10; i++) {
                assertThat(handle.next()).isPresent();
            }
            handle.cancel();
            List<GenerationEvent> rest = Services.events(handle);
            GenerationResult result = ((GenerationEvent.Finished) rest.getLast()).result();
            assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(result.tokens()).hasSize(9 + rest.size() - 1);
        });
    }

    @Test
    void aDeadlineEndsARequestWhereverItIs() throws Exception {
        with(Models.slow(), Services.options(8192).parallel(1), (service, _) -> {
            GenerationRequest prefilling = GenerationRequest.builder(Services.prompt(1, 6000))
                    .options(Services.greedy(10))
                    .timeout(Duration.ofMillis(300))
                    .build();
            GenerationHandle running = service.submit(prefilling);
            GenerationHandle waiting = service.submit(GenerationRequest.builder(PROMPT)
                    .options(Services.greedy(10))
                    .timeout(Duration.ofMillis(1))
                    .build());
            assertThat(reason(waiting)).isEqualTo(FinishReason.DEADLINE);
            assertThat(reason(running)).isEqualTo(FinishReason.DEADLINE);
            GenerationHandle answering = service.submit(GenerationRequest.builder(PROMPT)
                    .options(Services.greedy(-1))
                    .timeout(Duration.ofMillis(500))
                    .build());
            assertThat(reason(answering)).isEqualTo(FinishReason.DEADLINE);
            assertThat(answering.await().getFirst().tokens()).isNotEmpty();
        });
    }

    @Test
    void aConsumerThatNeverReadsStopsItsOwnRequestOnly() throws Exception {
        with(Models.llama(), Services.options(2048).eventCapacity(5), (service, bystander) -> {
            GenerationHandle ignored = service.submit(Services.request(PROMPT, 200));
            Services.waitUntil(() -> service.statistics().generatedTokens() >= 4);
            GenerationHandle other = service.submit(Services.request(PROMPT, 60), _ -> {});
            bystander.check(other);
            long generated = service.statistics().generatedTokens();
            Thread.sleep(50);
            assertThat(service.statistics().generatedTokens()).as("it waits").isEqualTo(generated);
            List<GenerationEvent> events = Services.events(ignored);
            assertThat(events).as("all, when they are taken at last").hasSize(202);
        });
    }

    @Test
    void manyConsumersThatNeverReadHoldNobodyUp() throws Exception {
        with(Models.llama(), Services.options(1024).parallel(2).eventCapacity(1), (service, bystander) -> {
            List<GenerationHandle> ignored = IntStream.range(0, 6)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 100), 400)))
                    .toList();
            GenerationHandle other = service.submit(Services.request(PROMPT, 60), _ -> {});
            bystander.check(other);
            for (GenerationHandle handle : ignored) {
                assertThat(Services.events(handle)).hasSize(402);
            }
        });
    }

    @Test
    void aRequestThatGaveUpItsPlaceInItsPromptGetsItsPrefixBack() throws Exception {
        with(Models.llama(), Services.options(1024).eventCapacity(1), (service, _) -> {
            int[] prompt = Services.prompt(1, 200);
            Services.events(service.submit(Services.request(prompt, 1)));
            long before = service.statistics().computedTokens();
            assertThat(Services.events(service.submit(Services.request(prompt, 3))))
                    .hasSize(5);
            // the last token of the prompt counts as an answer's, and what was taken back is computed again from the
            // cache's end
            assertThat(service.statistics().computedTokens() - before).isLessThan(10);
        });
    }

    @Test
    void choicesThatLostTheirPlaceComeOutTheSame() throws Exception {
        with(Models.llama(), Services.options(1280).requestLength(640).cachedSequences(1), (service, bystander) -> {
            List<GenerationHandle> handles = IntStream.range(0, 3)
                    .mapToObj(i -> service.submit(GenerationRequest.builder(Services.prompt(i, 60))
                            .options(Services.greedy(-1))
                            .choices(2)
                            .build()))
                    .toList();
            for (int i = 0; i < 3; i++) {
                int[] expected = Services.alone(bystander.model, Services.prompt(i, 60), Services.greedy(580))
                        .tokens();
                for (GenerationResult result : handles.get(i).await()) {
                    assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
                    assertThat(result.tokens()).isEqualTo(Arrays.copyOf(expected, result.tokens().length));
                }
            }
            assertThat(service.statistics().preemptions()).isPositive();
        });
    }

    @Test
    void aConsumerThatNeverReadsLosesItsRequestIfThatIsWanted() throws Exception {
        ServiceOptions.Builder options = Services.options(2048).eventCapacity(5).slowConsumers(SlowConsumerPolicy.FAIL);
        with(Models.llama(), options, (service, bystander) -> {
            GenerationHandle ignored = service.submit(Services.request(PROMPT, 200));
            GenerationHandle other = service.submit(Services.request(PROMPT, 60));
            bystander.check(other);
            assertThatExceptionOfType(SlowConsumerException.class).isThrownBy(() -> Services.events(ignored));
            assertThatExceptionOfType(SlowConsumerException.class).isThrownBy(ignored::await);
        });
    }

    @Test
    void aConsumerThatThrowsEndsItsOwnRequestOnly() throws Exception {
        with(Models.llama(), Services.options(2048), (service, bystander) -> {
            RuntimeException thrown = new RuntimeException("the consumer's own");
            GenerationHandle other = bystander.submit();
            GenerationHandle handle = service.submit(Services.request(Services.prompt(1, 20), 1000), event -> {
                if (event instanceof GenerationEvent.Generated) {
                    throw thrown;
                }
            });
            assertThatThrownBy(handle::await).isSameAs(thrown);
            bystander.check(other);
        });
    }

    @Test
    void aGrammarThatLeadsNowhereFailsItsOwnRequestOnly() throws Exception {
        with(Models.llama(), Services.options(2048), (service, bystander) -> {
            // no token of the vocabulary holds this, and its bytes come one by one; then nothing may follow
            GenerationOptions options = GenerationOptions.builder()
                    .sampler(SamplerOptions.greedy())
                    .grammar(Grammar.of("root ::= \"a\""))
                    .ignoreEndOfGeneration(true)
                    .maxTokens(10)
                    .build();
            GenerationHandle other = bystander.submit();
            GenerationHandle handle = service.submit(
                    GenerationRequest.builder(PROMPT).options(options).build());
            assertThatExceptionOfType(GrammarException.class).isThrownBy(handle::await);
            bystander.check(other);
            assertThat(service.statistics().failed()).isEqualTo(1);
            assertThat(service.health().lastError()).isPresent();
        });
    }

    @Test
    void wrongRequestsAreRefusedBeforeTheyWait() throws Exception {
        with(Models.llama(), Services.options(1024), (service, _) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> service.submit(Services.request(new int[] {5, 100_000}, 5)))
                    .withMessageContaining("vocabulary");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> GenerationRequest.builder(PROMPT).choices(0).build());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> GenerationRequest.builder(PROMPT)
                            .timeout(Duration.ZERO)
                            .build());
            assertThat(service.health().waiting()).isZero();
        });
    }

    @Test
    void aFullQueueSaysWhenToTryAgain() throws Exception {
        with(Models.llama(), Services.options(1024).parallel(1).queueCapacity(2), (service, _) -> {
            GenerationHandle running = service.submit(Services.request(PROMPT, 500));
            Services.waitUntil(() -> service.health().running() == 1);
            List<GenerationHandle> waiting =
                    List.of(service.submit(Services.request(PROMPT, 1)), service.submit(Services.request(PROMPT, 1)));
            assertThatExceptionOfType(QueueFullException.class)
                    .isThrownBy(() -> service.submit(Services.request(PROMPT, 1)))
                    .matches(e -> e.retryAfter().isPositive())
                    .withMessageContaining("queueCapacity");
            assertThat(service.statistics().rejected()).isEqualTo(1);
            running.cancel();
            waiting.forEach(GenerationHandle::await);
        });
    }

    @Test
    void requestsThatOutgrowTheMemoryTakeTurns() throws Exception {
        // without a limit, room is kept for 256 tokens only: together they need more than there is
        with(Models.llama(), Services.options(1024).requestLength(900).cachedSequences(2), (service, bystander) -> {
            List<GenerationHandle> handles = IntStream.range(0, 3)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 20), -1)))
                    .toList();
            for (int i = 0; i < 3; i++) {
                GenerationResult result = handles.get(i).await().getFirst();
                assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
                assertThat(result.tokens()).hasSize(880);
                GenerationOptions alone = Services.greedy(880);
                assertThat(result.tokens())
                        .isEqualTo(Services.alone(bystander.model, Services.prompt(i, 20), alone)
                                .tokens());
            }
            assertThat(service.statistics().preemptions()).isPositive();
        });
    }

    @Test
    void anErrorOfOneSequenceFailsThatRequestOnly() throws Exception {
        int poison = 7;
        Scheduler.Decoder decoder = context -> {
            Batch batch = context.batch();
            for (int i = 0; i < batch.size(); i++) {
                if (batch.token(i) == poison && batch.position(i) == 0) {
                    throw new IllegalStateException("a decode that fails");
                }
            }
            context.decode();
        };
        with(Models.llama(), Services.options(1024), decoder, (service, bystander) -> {
            GenerationHandle other = bystander.submit();
            int[] poisoned = Services.prompt(1, 30);
            poisoned[0] = poison;
            GenerationHandle handle = service.submit(Services.request(poisoned, 5));
            assertThatIllegalStateException().isThrownBy(handle::await).withMessage("a decode that fails");
            bystander.check(other);
            bystander.check(bystander.submit());
        });
    }

    @Test
    void aThreadThatDiesFailsAllThatWaitAndTakesNothingMore() throws Exception {
        Scheduler.Decoder decoder = _ -> {
            throw new AssertionError("a fault of the scheduler's own");
        };
        try (Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(
                        model, Services.options(512).parallel(1).build(), decoder)) {
            GenerationHandle first = service.submit(Services.request(PROMPT, 5));
            assertThatThrownBy(first::await).hasMessage("a fault of the scheduler's own");
            Services.waitUntil(() -> !service.health().alive());
            assertThatIllegalStateException().isThrownBy(() -> service.submit(Services.request(PROMPT, 5)));
            assertThat(service.health().lastError()).isPresent();
        }
    }

    @Test
    void aCloseEndsAHundredRequests() throws Exception {
        List<GenerationHandle> handles;
        try (Model model = Model.load(Models.llama())) {
            InferenceService service =
                    InferenceService.create(model, Services.options(4096).build());
            handles = IntStream.range(0, 100)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 40), 1000)))
                    .toList();
            Services.waitUntil(() -> service.statistics().generatedTokens() > 50);
            service.close();
            service.close();
        }
        for (GenerationHandle handle : handles) {
            assertThat(reason(handle)).isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
        }
    }

    @Test
    void aThousandVirtualThreadsAreServed() throws Exception {
        with(Models.llama(), Services.options(4096).queueCapacity(1000), (service, _) -> {
            AtomicInteger answered = new AtomicInteger();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 1000; i++) {
                    int seed = i;
                    var _ = threads.submit(() -> {
                        GenerationHandle handle = service.submit(Services.request(Services.prompt(seed, 8), 3));
                        if (handle.await().getFirst().tokens().length == 3) {
                            answered.incrementAndGet();
                        }
                        return null;
                    });
                }
            }
            assertThat(answered).hasValue(1000);
        });
    }

    @Test
    void recurrentStatesSurviveCancellations() throws Exception {
        with(Models.forged(TinyModels.mamba()), Services.options(2048), (service, bystander) -> {
            for (int i = 0; i < 5; i++) {
                GenerationHandle other = bystander.submit();
                GenerationHandle long1 = service.submit(Services.request(Services.prompt(i, 1500), 5));
                Thread.sleep(20);
                long1.cancel();
                long1.await();
                bystander.check(other);
            }
        });
    }

    @Test
    void anythingAtOnce() throws Exception {
        with(Models.llama(), Services.options(1024).parallel(4).cachedSequences(6), (service, bystander) -> {
            Random random = new Random(5);
            List<GenerationHandle> handles = new ArrayList<>();
            List<GenerationHandle> bystanders = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                int[] prompt = Services.prompt(random.nextInt(8), 5 + random.nextInt(150));
                GenerationRequest.Builder request = GenerationRequest.builder(prompt)
                        .options(Services.greedy(1 + random.nextInt(60)))
                        .choices(1 + random.nextInt(3))
                        .priority(random.nextInt(3));
                if (random.nextInt(5) == 0) {
                    request.timeout(Duration.ofMillis(1 + random.nextInt(50)));
                }
                GenerationHandle handle = service.submit(request.build());
                handles.add(handle);
                if (random.nextInt(4) == 0) {
                    handles.get(random.nextInt(handles.size())).cancel();
                }
                if (i % 30 == 0) {
                    bystanders.add(bystander.submit());
                }
            }
            for (GenerationHandle handle : handles) {
                for (GenerationResult result : handle.await()) {
                    assertThat(result.finishReason())
                            .isIn(FinishReason.MAX_TOKENS, FinishReason.CANCELLED, FinishReason.DEADLINE);
                }
            }
            bystanders.forEach(bystander::check);
        });
    }

    @Test
    void anObserverThatThrowsDisturbsNobody() throws Exception {
        EngineObserver bad = new EngineObserver() {
            @Override
            public void token(long request, int choice, Duration sinceLast) {
                throw new IllegalStateException("an observer's own");
            }
        };
        with(Models.llama(), Services.options(1024).observers(bad), (_, bystander) -> {
            bystander.check(bystander.submit());
        });
    }

    @Test
    void stagesRunOnOtherThreadsThanTheOneThatDecodes() throws Exception {
        with(Models.llama(), Services.options(1024), (service, bystander) -> {
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch entered = new CountDownLatch(1);
            // long enough to be under way when the stage is added: one added later runs on the thread that adds it
            var _ = service.submit(Services.request(PROMPT, 900)).results().thenAccept(_ -> {
                entered.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            entered.await();
            bystander.check(bystander.submit());
            release.countDown();
        });
    }
}
