package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.KvCacheFullException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelOptions;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Penalties;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever another model guesses, the answers are the same. */
@ExtendWith(NoLeaks.class)
class DraftModelTest {
    /** Who guesses. */
    enum Drafter {
        ITSELF, // always right
        STRANGER, // hardly ever
        HALF,
        SLIDING_WINDOW;

        private ModelSpec spec() {
            return switch (this) {
                case ITSELF -> TinyModels.llama();
                case STRANGER -> TinyModels.llama().withSeed(99);
                case HALF -> TinyModels.llama().withLayers(2);
                case SLIDING_WINDOW -> TinyModels.gemma3();
            };
        }

        Model load() {
            // not all would begin a text with the token that they know for that
            ModelOptions options = ModelOptions.builder()
                    .metadataOverride("tokenizer.ggml.add_bos_token", true)
                    .build();
            return Model.load(Models.forged(spec()), options);
        }
    }

    interface Body {
        void run(Model model, InferenceService service) throws Exception;
    }

    private static ServiceOptions.Builder options(int length) {
        return Services.options(length).minDraftTokens(4);
    }

    private static void with(Drafter drafter, ServiceOptions.Builder options, Body body) throws Exception {
        with(drafter, options, Context::decode, body);
    }

    private static void with(Drafter drafter, ServiceOptions.Builder options, Scheduler.Decoder decoder, Body body)
            throws Exception {
        try (Model model = Model.load(Models.llama());
                Model draft = drafter.load();
                InferenceService service =
                        InferenceService.create(model, options.draftModel(draft).build(), decoder)) {
            body.run(model, service);
            Services.waitUntil(() -> service.health().running() == 0);
            assertThat(service.health().alive()).isTrue();
            assertThat(service.health().lastError()).isEmpty();
        }
    }

    /** Fails, or does otherwise what it likes, in the draft model's decodes only. */
    private static Scheduler.Decoder drafting(Scheduler.Decoder own) {
        AtomicReference<Context> target = new AtomicReference<>();
        return context -> {
            target.compareAndSet(null, context); // prompts are decoded first
            if (context == target.get()) {
                context.decode();
            } else {
                own.decode(context);
            }
        };
    }

    private static int[] tokens(GenerationHandle handle) {
        return handle.await().getFirst().tokens();
    }

    private static int[] alone(Model model, int[] prompt, int maxTokens) {
        return Services.alone(model, prompt, Services.greedy(maxTokens)).tokens();
    }

    private static void allRight(InferenceService service) {
        assertThat(service.statistics().draftedTokens()).isPositive();
        assertThat(service.statistics().acceptedTokens())
                .isEqualTo(service.statistics().draftedTokens());
    }

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

    @Test
    void whatCannotGuessIsRefused(@TempDir Path folder) throws Exception {
        ModelSpec llama = TinyModels.llama();
        refused(Models.llama(), Models.forged(TinyModels.mamba()), "recurrent");
        refused(Models.llama(), Models.forged(TinyModels.qwen35()), "hybrid");
        refused(Models.llama(), Models.forged(TinyModels.bert()), "WPM and BPE");
        refused(Models.forged(TinyModels.mamba()), Models.llama(), "wrong guesses");
        refused(Models.forged(TinyModels.qwen35()), Models.llama(), "wrong guesses");
        refused(Models.llama(), forged(llama, 512 + 129), "641 and 512 tokens");
        refused(Models.llama(), renamed(folder, 300), "token 300");
        refused(Models.llama(), Models.forged(TinyModels.gemma3()), "begin");
        accepted(renamed(folder, 4));
        accepted(forged(llama, 512 + 128));
        accepted(forged(llama, 512 - 128));
    }

    private static Path forged(ModelSpec spec, int vocabulary) {
        return Models.forged(ModelSpec.builder(spec.name() + "-vocabulary", spec.architecture())
                .layers(spec.layers())
                .embeddingLength(spec.embeddingLength())
                .heads(spec.heads(), spec.kvHeads())
                .feedForwardLength(spec.feedForwardLength())
                .vocabularySize(vocabulary)
                .seed(spec.seed())
                .build());
    }

    /** A model whose token has another text. */
    private static Path renamed(Path folder, int token) throws Exception {
        String text;
        try (Model model = Model.load(Models.llama())) {
            text = model.vocabulary().info(token).text();
        }
        byte[] name = text.getBytes(StandardCharsets.UTF_8);
        byte[] wanted = new byte[8 + name.length]; // a length before it, as GGUF writes texts
        wanted[0] = (byte) name.length;
        System.arraycopy(name, 0, wanted, 8, name.length);
        byte[] file = Files.readAllBytes(Models.llama());
        int at = 0;
        while (!Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length)) {
            at++;
        }
        file[at + wanted.length - 1] = '~';
        return Files.write(folder.resolve("renamed-" + token + ".gguf"), file);
    }

    private static void refused(Path target, Path drafter, String why) {
        try (Model model = Model.load(target);
                Model draft = Model.load(drafter)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> InferenceService.create(
                            model, options(512).draftModel(draft).build()))
                    .withMessageContaining(why);
        }
    }

    /** And guesses without harm, tokens that only one of the two has included. */
    private static void accepted(Path drafter) {
        try (Model model = Model.load(Models.llama());
                Model draft = Model.load(drafter);
                InferenceService service = InferenceService.create(
                        model, options(512).draftModel(draft).build())) {
            int[] prompt = Services.prompt(3, 30);
            assertThat(tokens(service.submit(Services.request(prompt, 60)))).isEqualTo(alone(model, prompt, 60));
            assertThat(service.statistics().draftedTokens()).isPositive();
        }
    }
}
