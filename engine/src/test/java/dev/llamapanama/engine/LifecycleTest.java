package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.internal.OpenHandles;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LifecycleTest {
    private static final ContextOptions SMALL =
            ContextOptions.builder().contextLength(256).threads(1).build();

    @Test
    void whatIsOpenIsCounted() {
        Model model = Model.load(Models.llama());
        assertThat(OpenHandles.names())
                .containsExactly("Model " + Models.llama().getFileName());
        assertThat(OpenHandles.nativeBytes())
                .isGreaterThanOrEqualTo(model.info().sizeBytes());
        Context context = model.newContext(SMALL);
        assertThat(OpenHandles.names()).hasSize(2).last().asString().contains("Context", "of Model");
        context.close();
        model.close();
    }

    @Test
    void closeTwiceIsCloseOnce() {
        Model model = Model.load(Models.llama());
        Context context = model.newContext(SMALL);
        context.close();
        context.close();
        model.close();
        model.close();
        assertThat(model.isOpen()).isFalse();
        assertThat(context.isOpen()).isFalse();
    }

    @Test
    void aModelStaysOpenWhileContextsUseIt() {
        Model model = Model.load(Models.llama());
        Context first = model.newContext(SMALL);
        Context second = model.newContext(SMALL);
        assertThatIllegalStateException()
                .isThrownBy(model::close)
                .withMessageContaining(first.toString())
                .withMessageContaining(second.toString());
        assertThat(model.isOpen()).isTrue();
        first.close();
        assertThatIllegalStateException().isThrownBy(model::close).withMessageContaining(second.toString());
        assertThat(Models.logits(second, Models.tokens(3)))
                .hasSize(model.vocabulary().size());
        second.close();
        model.close();
    }

    @Test
    void useAfterCloseNamesTheObject() {
        Model model = Model.load(Models.llama());
        Vocabulary vocabulary = model.vocabulary();
        int[] tokens = vocabulary.tokenize("hello", true, false);
        byte[] seen = vocabulary.bytes(tokens[0], true);
        assertThat(seen).isNotNull();
        Context context = model.newContext(SMALL);
        Batch batch = context.batch();
        Sequence sequence = context.sequence(0);
        Models.decode(context, 0, 0, tokens);
        Logits logits = context.logits(-1);
        context.close();
        for (Runnable use : new Runnable[] {
            context::decode,
            context::encode,
            context::clearMemory,
            context::canShift,
            context::saveState,
            () -> context.logits(0),
            () -> batch.add(3, 0, 0, true),
            batch::clear,
            () -> batch.token(0),
            sequence::maxPosition,
            sequence::clear,
            () -> context.threads(1, 1),
            context::threads,
            () -> logits.get(0),
            () -> logits.copyTo(new float[1000])
        }) {
            assertThatIllegalStateException().isThrownBy(use::run).withMessageContaining(context.toString());
        }
        assertThat(logits.isStale()).isTrue();
        context.cancel();
        model.close();
        for (Runnable use : new Runnable[] {
            model::newContext,
            model::chatTemplate,
            () -> vocabulary.tokenize("hello", true, false),
            () -> vocabulary.bytes(5, true),
            () -> vocabulary.bytes(tokens[0], true),
            () -> vocabulary.detokenize(tokens, false, false),
            () -> vocabulary.info(1),
            () -> vocabulary.isControl(1)
        }) {
            assertThatIllegalStateException().isThrownBy(use::run).withMessage(model + " is closed");
        }
    }

    @Test
    void closeDuringADecodeStopsItAndWaits() throws Exception {
        try (Model model = Model.load(Models.slow())) {
            Context context = model.newContext(ContextOptions.builder()
                    .contextLength(8192)
                    .batchSize(8192)
                    .threads(1)
                    .build());
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            int[] tokens = Models.tokens(8000);
            for (int i = 0; i < tokens.length; i++) {
                context.batch().add(tokens[i], i, 0, false);
            }
            Thread decoder = Thread.ofPlatform().start(() -> {
                started.countDown();
                try {
                    context.decode();
                } catch (Throwable thrown) {
                    outcome.set(thrown);
                }
            });
            started.await();
            Thread.sleep(100);
            long start = System.nanoTime();
            context.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            decoder.join();
            assertThat(outcome.get()).isInstanceOf(CancelledException.class);
        }
    }

    @Test
    void aSecondThreadIsRefusedByName() throws Exception {
        try (Model model = Model.load(Models.slow());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(4096)
                        .batchSize(4096)
                        .threads(1)
                        .build())) {
            int[] tokens = Models.tokens(4000);
            for (int i = 0; i < tokens.length; i++) {
                context.batch().add(tokens[i], i, 0, false);
            }
            Thread first = new Thread(
                    () -> assertThatThrownBy(context::decode).isInstanceOf(CancelledException.class), "first decoder");
            first.start();
            Thread.sleep(100);
            assertThatIllegalStateException()
                    .isThrownBy(context::decode)
                    .withMessageContaining("'first decoder' is in decode");
            assertThatIllegalStateException().isThrownBy(context::clearMemory).withMessageContaining("'first decoder'");
            context.cancel();
            first.join();
        }
    }

    @Test
    void manyThreadsCloseOneContext() throws Exception {
        try (Model model = Model.load(Models.llama())) {
            for (int round = 0; round < 20; round++) {
                Context context = model.newContext(SMALL);
                CompletableFuture<?>[] closers = new CompletableFuture<?>[4];
                for (int i = 0; i < closers.length; i++) {
                    closers[i] = CompletableFuture.runAsync(context::close);
                }
                CompletableFuture<Void> decodes = CompletableFuture.runAsync(() -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            Models.decode(context, 0, i, 5);
                        }
                    } catch (IllegalStateException | CancelledException closed) {
                        // what the test is about: one of the two, and no crash
                    }
                });
                CompletableFuture.allOf(closers).get(10, TimeUnit.SECONDS);
                decodes.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void closingAModelWaitsForTokenizers() throws Exception {
        for (int round = 0; round < 30; round++) {
            Model model = Model.load(Models.llama());
            CompletableFuture<Void> tokenizer = CompletableFuture.runAsync(() -> {
                String text = "some text ".repeat(200);
                try {
                    while (true) {
                        model.vocabulary().tokenize(text, true, false);
                        model.vocabulary().isControl(3);
                        model.chatTemplate();
                    }
                } catch (IllegalStateException closed) {
                    // the end of the loop
                }
            });
            Thread.sleep(20);
            model.close();
            assertThatCode(() -> tokenizer.get(10, TimeUnit.SECONDS)).doesNotThrowAnyException();
        }
    }

    @Test
    void contextsOfOneModelAreIndependentAndAgree() throws Exception {
        int[] tokens = Models.tokens(200);
        try (Model model = Model.load(Models.llama())) {
            ContextOptions options =
                    ContextOptions.builder().contextLength(256).threads(1).build();
            float[] expected;
            try (Context context = model.newContext(options)) {
                expected = Models.logits(context, tokens);
            }
            CompletableFuture<?>[] runs = new CompletableFuture<?>[4];
            for (int i = 0; i < runs.length; i++) {
                runs[i] = CompletableFuture.runAsync(() -> {
                    try (Context context = model.newContext(options)) {
                        for (int round = 0; round < 5; round++) {
                            context.clearMemory();
                            assertThat(Models.logits(context, tokens)).containsExactly(expected);
                        }
                    }
                });
            }
            CompletableFuture.allOf(runs).get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aForgottenContextIsFreedBeforeItsModel() throws Exception {
        forget();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!OpenHandles.names().isEmpty() && System.nanoTime() < deadline) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(OpenHandles.names()).isEmpty();
    }

    @Test
    void aBatchKeepsItsForgottenContextAlive() throws Exception {
        try (Model model = Model.load(Models.llama())) {
            Sequence sequence = filledSequence(model);
            for (int i = 0; i < 5; i++) {
                System.gc();
                Thread.sleep(10);
            }
            assertThat(sequence.maxPosition()).isEqualTo(2);
            sequence = null;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (OpenHandles.names().size() > 1 && System.nanoTime() < deadline) {
                System.gc();
                Thread.sleep(20);
            }
            assertThat(OpenHandles.names()).containsExactly(model.toString());
        }
    }

    @SuppressWarnings("resource")
    private static Sequence filledSequence(Model model) {
        Context context = model.newContext(SMALL);
        Models.decode(context, 0, 0, 5, 6, 7);
        return context.sequence(0);
    }

    @SuppressWarnings("resource")
    private static void forget() {
        Context context = Model.load(Models.llama()).newContext(SMALL);
        Models.decode(context, 0, 0, 5);
    }
}
