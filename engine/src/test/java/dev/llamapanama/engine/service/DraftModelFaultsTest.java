package dev.llamapanama.engine.service;

import static dev.llamapanama.engine.service.Drafting.allRight;
import static dev.llamapanama.engine.service.Drafting.alone;
import static dev.llamapanama.engine.service.Drafting.drafting;
import static dev.llamapanama.engine.service.Drafting.options;
import static dev.llamapanama.engine.service.Drafting.tokens;
import static dev.llamapanama.engine.service.Drafting.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.KvCacheFullException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.service.Drafting.Drafter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a draft model reads and keeps, and what happens when it cannot. */
@ExtendWith(NoLeaks.class)
class DraftModelFaultsTest {
    /** Others go on while a long prompt is read in pieces, and it is read once for all that begin so. */
    @Test
    void aLongPromptIsReadInPiecesAndOnce() throws Exception {
        AtomicInteger largest = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        Scheduler.Decoder decoder = drafting(context -> {
            largest.accumulateAndGet(context.batch().size(), Math::max);
            read.addAndGet(context.batch().size());
            context.decode();
        });
        ServiceOptions.Builder options = options(4096)
                .parallel(4)
                .context(Services.context(4096).ubatchSize(64).build());
        with(Drafter.ITSELF, options, decoder, (model, service) -> {
            int[] prompt = Services.prompt(1, 700);
            GenerationHandle other = service.submit(Services.request(Services.prompt(2, 10), 100));
            List<GenerationResult> results = service.submit(GenerationRequest.builder(prompt)
                            .options(Services.greedy(100))
                            .choices(3)
                            .build())
                    .await();
            int[] expected = alone(model, prompt, 100);
            for (GenerationResult result : results) {
                assertThat(result.tokens()).isEqualTo(expected);
            }
            assertThat(tokens(other)).isEqualTo(alone(model, Services.prompt(2, 10), 100));
            allRight(service);
            assertThat(service.statistics().draftedTokens())
                    .as("guessed for, when it is read")
                    .isGreaterThan(200);
            int before = read.get();
            // the next turn of the conversation begins with what was said
            int[] next = IntStream.concat(
                            IntStream.of(prompt), IntStream.concat(IntStream.of(expected), IntStream.of(5, 6, 7)))
                    .toArray();
            assertThat(tokens(service.submit(Services.request(next, 20)))).isEqualTo(alone(model, next, 20));
            assertThat(read.get() - before).as("read for the next turn").isLessThan(200);
        });
        assertThat(largest.get()).isLessThanOrEqualTo(64);
        assertThat(read.get()).as("one prompt of 700, and the answers").isLessThan(2000);
    }

    /** Else one tenant could tell by the speed of an answer what another one has asked. */
    @Test
    void whatWasReadForOneTenantIsReadAgainForAnother() throws Exception {
        AtomicInteger read = new AtomicInteger();
        Scheduler.Decoder decoder = drafting(context -> {
            read.addAndGet(context.batch().size());
            context.decode();
        });
        with(Drafter.ITSELF, options(2048), decoder, (model, service) -> {
            List<Integer> counts = new ArrayList<>();
            for (String salt : List.of("one", "one", "other")) {
                int before = read.get();
                service.submit(GenerationRequest.builder(Services.prompt(1, 200))
                                .options(Services.greedy(20))
                                .cacheSalt(salt)
                                .build())
                        .await();
                counts.add(read.get() - before);
            }
            assertThat(counts.get(0)).isGreaterThanOrEqualTo(200);
            assertThat(counts.get(1)).isLessThan(100);
            assertThat(counts.get(2)).isGreaterThanOrEqualTo(200);
        });
    }

    @Test
    void aPromptThatIsCancelledWhileOthersAreGuessedForIsNotDecoded() throws Exception {
        AtomicReference<InferenceService> serving = new AtomicReference<>();
        AtomicReference<GenerationHandle> prompt = new AtomicReference<>();
        AtomicReference<Context> target = new AtomicReference<>();
        AtomicInteger decodes = new AtomicInteger();
        AtomicInteger largest = new AtomicInteger();
        Scheduler.Decoder decoder = context -> {
            target.compareAndSet(null, context);
            if (context != target.get()) {
                if (prompt.get() != null && serving.get().health().running() == 2) {
                    prompt.get().cancel();
                    decodes.incrementAndGet();
                }
            } else if (decodes.get() > 0) {
                largest.accumulateAndGet(context.batch().size(), Math::max);
            }
            context.decode();
        };
        with(Drafter.ITSELF, options(2048), decoder, (model, service) -> {
            serving.set(service);
            GenerationHandle talking = service.submit(Services.request(Services.prompt(1, 20), 500));
            for (int i = 0; i < 20; i++) {
                talking.next();
            }
            prompt.set(service.submit(Services.request(Services.prompt(2, 1200), 10)));
            assertThat(prompt.get().await().getFirst().finishReason()).isEqualTo(FinishReason.CANCELLED);
            talking.await();
        });
        assertThat(decodes.get()).isPositive();
        assertThat(largest.get()).isLessThan(20);
    }

    @Test
    void eachContextHasADraftContextOfItsOwn() throws Exception {
        with(Drafter.ITSELF, options(512).contexts(2).parallel(2), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 8)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 30), 40)))
                    .toList();
            for (int i = 0; i < 8; i++) {
                assertThat(tokens(handles.get(i))).isEqualTo(alone(model, Services.prompt(i, 30), 40));
            }
            allRight(service);
        });
    }

    /** Texts of answers that have ended fill its memory until somebody else needs it. */
    @Test
    void endedTextsMakeRoom() throws Exception {
        with(Drafter.ITSELF, options(512).parallel(4), (model, service) -> {
            List<GenerationHandle> handles = IntStream.range(0, 4)
                    .mapToObj(i -> service.submit(Services.request(Services.prompt(i, 80), 30)))
                    .toList();
            handles.forEach(GenerationHandle::await);
            long before = service.statistics().draftedTokens();
            assertThat(tokens(service.submit(Services.request(Services.prompt(9, 380), 60))))
                    .isEqualTo(alone(model, Services.prompt(9, 380), 60));
            assertThat(service.statistics().draftedTokens() - before).isPositive();
            allRight(service);
        });
    }

    @Test
    void withoutRoomNothingIsGuessed() throws Exception {
        AtomicInteger tried = new AtomicInteger();
        AtomicReference<KvCacheFullException> full = new AtomicReference<>();
        Scheduler.Decoder decoder = drafting(_ -> {
            tried.incrementAndGet();
            throw full.get();
        });
        with(Drafter.ITSELF, options(512), decoder, (model, service) -> {
            try (Context small = model.newContext(Services.context(256).build())) {
                Models.decode(small, 0, 0, Services.prompt(1, 257));
            } catch (KvCacheFullException e) {
                full.set(e);
            }
            assertThat(full.get()).isNotNull();
            int[] prompt = Services.prompt(1, 40);
            assertThat(tokens(service.submit(Services.request(prompt, 150)))).isEqualTo(alone(model, prompt, 150));
            assertThat(service.statistics().draftedTokens()).isZero();
            assertThat(tried.get()).as("not in each step").isEqualTo(3);
        });
    }

    /** With the first decode, and in the middle of a guess. */
    @Test
    void afterAFailureTheServiceGoesOnWithoutIt() throws Exception {
        for (int good : new int[] {0, 6}) {
            AtomicInteger decodes = new AtomicInteger();
            Scheduler.Decoder decoder = drafting(context -> {
                if (decodes.incrementAndGet() > good) {
                    throw new IllegalStateException("a draft that fails");
                }
                context.decode();
            });
            with(Drafter.ITSELF, options(512), decoder, (model, service) -> {
                int[] prompt = Services.prompt(1, 40);
                GenerationHandle other = service.submit(Services.request(Services.prompt(2, 10), 50));
                assertThat(tokens(service.submit(Services.request(prompt, 100))))
                        .isEqualTo(alone(model, prompt, 100));
                assertThat(tokens(other)).isEqualTo(alone(model, Services.prompt(2, 10), 50));
                allRightOrNone(service, good > 0);
                assertThat(decodes.get()).as("tried once more and never again").isEqualTo(good + 1);
            });
        }
    }

    private static void allRightOrNone(InferenceService service, boolean any) {
        assertThat(service.statistics().draftedTokens() > 0).isEqualTo(any);
        assertThat(service.statistics().acceptedTokens())
                .isEqualTo(service.statistics().draftedTokens());
    }

    /** And tried again later: the machine may only have been busy. */
    @Test
    void aSlowOneIsLeftOut() throws Exception {
        AtomicInteger decodes = new AtomicInteger();
        AtomicReference<InferenceService> slow = new AtomicReference<>();
        AtomicLong lastTry = new AtomicLong();
        Scheduler.Decoder decoder = drafting(context -> {
            decodes.incrementAndGet();
            lastTry.set(slow.get().statistics().steps());
            context.decode();
            try {
                Thread.sleep(50); // a step of the other takes some milliseconds at most
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        with(Drafter.ITSELF, Services.options(1024), decoder, (model, service) -> {
            slow.set(service);
            int[] prompt = Services.prompt(1, 40);
            assertThat(tokens(service.submit(Services.request(prompt, 900)))).isEqualTo(alone(model, prompt, 900));
            // all right, and yet not worth it: otherwise 16 of 17 would be guessed
            assertThat(service.statistics().draftedTokens()).isBetween(1L, 450L);
            assertThat(lastTry.get()).isGreaterThan(512);
            assertThat(decodes.get()).isLessThan(450);
        });
    }

    @Test
    void theDraftModelMustStayOpenUntilTheServiceIsClosed() throws Exception {
        with(Drafter.STRANGER, options(512), (_, service) -> {
            assertThat(service.model().isOpen()).isTrue();
        });
        try (Model model = Model.load(Models.llama())) {
            Model draft = Drafter.STRANGER.load();
            try (InferenceService service = InferenceService.create(
                    model, options(512).draftModel(draft).build())) {
                assertThatIllegalStateException().isThrownBy(draft::close);
                assertThat(tokens(service.submit(Services.request(Services.prompt(1, 10), 5))))
                        .hasSize(5);
            }
            draft.close();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> InferenceService.create(
                            model, options(512).draftModel(draft).build()))
                    .withMessageContaining("closed");
        }
    }
}
