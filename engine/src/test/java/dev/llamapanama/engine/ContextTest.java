package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class ContextTest {
    private static ContextOptions.Builder small() {
        return ContextOptions.builder().contextLength(512).threads(1);
    }

    static java.util.List<ModelSpec> decoders() {
        return TinyModels.all().stream()
                .filter(spec -> spec.architecture().generatesText())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void oneByOneIsAsAllAtOnce(ModelSpec spec) {
        int[] tokens = Models.tokens(40);
        try (Model model = Model.load(Models.forged(spec));
                Context context = model.newContext(small().build())) {
            float[] atOnce = Models.logits(context, tokens);
            assertThat(context.sequence(0).maxPosition()).isEqualTo(39);
            context.clearMemory();
            assertThat(context.sequence(0).maxPosition()).isEqualTo(-1);
            for (int i = 0; i < tokens.length; i++) {
                Models.decode(context, 0, i, tokens[i]);
            }
            Models.assertClose(context.logits(0).toArray(), atOnce);
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void sequencesInOneBatchDoNotSeeEachOther(ModelSpec spec) {
        int[] a = Models.tokens(20);
        int[] b = {9, 8, 7, 6, 5};
        try (Model model = Model.load(Models.forged(spec));
                Context context = model.newContext(small().maxSequences(2).build())) {
            float[] aloneA = Models.logits(context, a);
            context.clearMemory();
            float[] aloneB = Models.logits(context, b);
            context.clearMemory();
            Batch batch = context.batch();
            batch.clear();
            for (int i = 0; i < a.length; i++) {
                batch.add(a[i], i, 0, i == a.length - 1);
                if (i < b.length) {
                    batch.add(b[i], i, 1, i == b.length - 1);
                }
            }
            context.decode();
            Models.assertClose(context.logits(9).toArray(), aloneB);
            Models.assertClose(context.logits(24).toArray(), aloneA);
            assertThat(context.logits(-1).toArray())
                    .isEqualTo(context.logits(24).toArray());
            assertThat(context.sequence(0).maxPosition()).isEqualTo(19);
            assertThat(context.sequence(1).maxPosition()).isEqualTo(4);
        }
    }

    @Test
    void aSharedStartIsComputedOnce() {
        int[] start = Models.tokens(30);
        try (Model model = Model.load(Models.llama());
                Context context =
                        model.newContext(small().maxSequences(2).unifiedKv(true).build())) {
            float[] expected = Models.logits(context, append(start, 77));
            context.clearMemory();
            Batch batch = context.batch();
            batch.clear();
            for (int i = 0; i < start.length; i++) {
                batch.add(start[i], i, new int[] {0, 1}, false);
            }
            context.decode();
            Models.decode(context, 1, 30, 77);
            Models.assertClose(context.logits(0).toArray(), expected);
            assertThat(context.sequence(0).length()).isEqualTo(30);
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void allKvTypesWork(KvType type) {
        try (Model model = Model.load(Models.forged(TinyModels.qwen3moe())); // heads of 32
                Context context = model.newContext(small().kvType(type).build())) {
            float[] logits = Models.logits(context, Models.tokens(40));
            assertThat(logits[0]).isFinite();
        }
    }

    @Test
    void staleViewsAreNotRead() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.logits(0))
                    .withMessageContaining("nothing was decoded");
            Models.decode(context, 0, 0, 5);
            Logits logits = context.logits(0);
            float first = logits.get(0);
            float[] copy = new float[logits.size()];
            context.logitsInto(0, copy);
            assertThat(copy[0]).isEqualTo(first);
            assertThat(copy[logits.argMax()]).isEqualTo(max(copy));
            assertThat(logits.isStale()).isFalse();
            Models.decode(context, 0, 1, 6);
            assertThat(logits.isStale()).isTrue();
            assertThatIllegalStateException().isThrownBy(() -> logits.get(0)).withMessageContaining("stale");
            assertThatIllegalStateException().isThrownBy(logits::toArray).withMessageContaining("stale");
            assertThatIllegalArgumentException().isThrownBy(() -> context.logits(1));
            assertThatIllegalArgumentException().isThrownBy(() -> context.logits(-2));
            assertThatIllegalArgumentException().isThrownBy(() -> context.logitsInto(0, new float[3]));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> context.logits(0).get(-1));
        }
    }

    @Test
    void entriesWithoutOutputHaveNoLogits() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            context.batch().add(5, 0, 0, false).add(6, 1, 0, true).add(7, 2, 0, false);
            context.decode();
            assertThat(context.logits(-1).toArray()).isEqualTo(context.logits(1).toArray());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> context.logits(2))
                    .withMessageContaining("output = true");
        }
    }

    @Test
    void badBatchesAreRefused() {
        try (Model model = Model.load(Models.llama());
                Context context =
                        model.newContext(small().batchSize(8).maxSequences(2).build())) {
            Batch batch = context.batch();
            assertThat(batch.capacity()).isEqualTo(8);
            assertThatIllegalStateException().isThrownBy(context::decode).withMessageContaining("empty");
            assertThatIllegalArgumentException().isThrownBy(() -> batch.add(-1, 0, 0, true));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.add(model.vocabulary().size(), 0, 0, true))
                    .withMessageContaining("vocabulary");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.add(5, -1, 0, true))
                    .withMessageContaining("negative");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.add(5, 0, 2, true))
                    .withMessageContaining("maxSequences");
            assertThatIllegalArgumentException().isThrownBy(() -> batch.add(5, 0, -1, true));
            assertThatIllegalArgumentException().isThrownBy(() -> batch.add(5, 0, new int[0], true));
            assertThatIllegalStateException()
                    .isThrownBy(() -> batch.add(5, 0, new int[] {0, 1}, true))
                    .withMessageContaining("unifiedKv");
            assertThat(batch.size()).isZero();
            batch.add(5, 0, 0, true);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.add(5, 2, 0, true))
                    .withMessageContaining("follow");
            batch.clear();
            for (int i = 0; i < 8; i++) {
                batch.add(5, i, 0, false);
            }
            assertThat(batch.remaining()).isZero();
            assertThatIllegalStateException()
                    .isThrownBy(() -> batch.add(5, 8, 0, true))
                    .withMessageContaining("full");
            context.decode();
            assertThatIllegalStateException()
                    .isThrownBy(context::decode)
                    .withMessageContaining("up to 7")
                    .withMessageContaining("go on at 8");
            assertThatIllegalStateException().isThrownBy(context::encode).withMessageContaining("no encoder");
            assertThatIllegalArgumentException().isThrownBy(() -> context.sequence(2));
        }
    }

    @Test
    void aFullMemoryIsReportedAndLeftAsItWas() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().contextLength(256).build())) {
            Models.decode(context, 0, 0, Models.tokens(256));
            assertThatExceptionOfType(KvCacheFullException.class)
                    .isThrownBy(() -> Models.decode(context, 0, 256, 5))
                    .withMessageContaining("256");
            assertThat(context.sequence(0).length()).isEqualTo(256);
            assertThat(context.sequence(0).remove(200, Sequence.END)).isTrue();
            Models.decode(context, 0, 200, 5);
            assertThat(context.logits(0).get(0)).isFinite();
        }
    }

    @Test
    void cancelTakesEffectInsideAPrompt() throws Exception {
        try (Model model = Model.load(Models.slow());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(8192)
                        .batchSize(8192)
                        .threads(1)
                        .build())) {
            int[] tokens = Models.tokens(8000);
            for (int i = 0; i < tokens.length; i++) {
                context.batch().add(tokens[i], i, 0, false);
            }
            CompletableFuture<Long> cancelled = CompletableFuture.supplyAsync(() -> {
                sleep(200);
                context.cancel();
                return System.nanoTime();
            });
            assertThatExceptionOfType(CancelledException.class).isThrownBy(context::decode);
            Duration delay = Duration.ofNanos(System.nanoTime() - cancelled.get(1, TimeUnit.SECONDS));
            assertThat(delay).isLessThan(Duration.ofMillis(500));
            int kept = context.sequence(0).maxPosition() + 1;
            assertThat(kept).isLessThan(8000).matches(n -> n % context.ubatchSize() == 0);
            Models.decode(context, 0, kept, 5);
            assertThat(context.logits(0).get(0)).isFinite();
        }
    }

    @Test
    void cancelWithoutADecodeStopsTheNextOneOnce() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            context.cancel();
            assertThatExceptionOfType(CancelledException.class).isThrownBy(() -> Models.decode(context, 0, 0, 5));
            Models.decode(context, 0, 0, 5);
            context.cancel();
            assertThat(context.clearCancel()).isTrue();
            assertThat(context.clearCancel()).isFalse();
            Models.decode(context, 0, 1, 5);
        }
    }

    @Test
    void threadsAreThoseOfTheToolsAndCanBeSet() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(256).build())) {
            assertThat(context.threads()).isEqualTo(dev.llamapanama.engine.internal.CpuTopology.physicalCores());
            assertThat(context.batchThreads()).isEqualTo(context.threads());
            context.threads(1, 2);
            assertThat(context.threads()).isEqualTo(1);
            assertThat(context.batchThreads()).isEqualTo(2);
            assertThatIllegalArgumentException().isThrownBy(() -> context.threads(0, 1));
        }
    }

    @Test
    void sizesAreWhatLlamaCppMadeOfTheOptions() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(1000)
                        .maxSequences(3)
                        .build())) {
            assertThat(context.contextLengthPerSequence() % 256).isZero();
            assertThat(context.contextLength()).isEqualTo(3 * context.contextLengthPerSequence());
            assertThat(context.maxSequences()).isEqualTo(3);
            assertThat(context.batchSize()).isEqualTo(1000);
            assertThat(context.pooling()).isEqualTo(Pooling.NONE);
            assertThat(context.model()).isSameAs(model);
        }
    }

    private static int[] append(int[] tokens, int token) {
        int[] longer = java.util.Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        return longer;
    }

    private static float max(float[] values) {
        float max = values[0];
        for (float value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
