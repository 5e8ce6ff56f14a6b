package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.gguf.forge.TinyModels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class EmbeddingTest {
    private static ContextOptions.Builder embeddings() {
        return ContextOptions.builder()
                .contextLength(512)
                .maxSequences(2)
                .threads(1)
                .embeddings(true);
    }

    @Test
    void anEncoderPoolsEachSequence() {
        try (Model model = Model.load(Models.forged(TinyModels.bert()));
                Context context = model.newContext(embeddings().build())) {
            assertThat(context.pooling()).isEqualTo(Pooling.MEAN);
            add(context, 0, 5, 6, 7, 8);
            context.encode();
            float[] alone = context.sequenceEmbeddings(0);
            assertThat(alone).hasSize(model.info().outputEmbeddingLength());
            context.batch().clear();
            add(context, 0, 9, 10, 11);
            add(context, 1, 5, 6, 7, 8);
            context.decode(); // the same, for models without a memory
            Models.assertClose(context.sequenceEmbeddings(1), alone);
            assertThat(context.sequenceEmbeddings(0)).isNotEqualTo(alone);
            assertThatIllegalArgumentException().isThrownBy(() -> context.sequenceEmbedding(2));
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.embedding(0))
                    .withMessageContaining("pools");
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.logits(0))
                    .withMessageContaining("not logits");
            assertThatIllegalStateException().isThrownBy(context::saveState).withMessageContaining("no memory");
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.sequence(0).clear())
                    .withMessageContaining("no memory");
            assertThat(context.canShift()).isFalse();
            context.clearMemory();
        }
    }

    @Test
    void anEncoderTakesNoMoreThanItComputesAtOnce() {
        try (Model model = Model.load(Models.forged(TinyModels.bert()));
                Context context = model.newContext(
                        embeddings().batchSize(64).ubatchSize(16).build())) {
            for (int i = 0; i < 17; i++) {
                context.batch().add(5, i, 0, true);
            }
            for (Runnable computation : new Runnable[] {context::encode, context::decode}) {
                assertThatExceptionOfType(ContextOverflowException.class)
                        .isThrownBy(computation::run)
                        .matches(e -> e.required() == 17 && e.available() == 16)
                        .withMessageContaining("ubatchSize");
            }
        }
    }

    @Test
    void positionsThatWereNotLearnedAreRefused() {
        try (Model model = Model.load(Models.forged(TinyModels.bert()));
                Context context = model.newContext(
                        embeddings().contextLength(1024).batchSize(1024).build())) {
            assertThat(model.info().learnedPositions()).isEqualTo(512);
            for (int i = 0; i < 512; i++) {
                context.batch().add(5, i, 0, true);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> context.batch().add(5, 512, 0, true))
                    .withMessageContaining("0 to 511");
            context.encode();
            assertThat(context.sequenceEmbeddings(0)).hasSize(64);
        }
        try (Model model = Model.load(Models.llama())) {
            assertThat(model.info().learnedPositions()).isZero();
        }
    }

    @Test
    void aDecoderGivesEmbeddingsOfTokensAndSequences() {
        try (Model model = Model.load(Models.llama())) {
            float[] last;
            try (Context context =
                    model.newContext(embeddings().pooling(Pooling.NONE).build())) {
                add(context, 0, 5, 6, 7);
                context.decode();
                assertThat(context.embeddings(0)).hasSize(64);
                last = context.embeddings(2);
                assertThat(context.logits(2).toArray())
                        .hasSize(model.vocabulary().size());
                assertThatIllegalStateException().isThrownBy(() -> context.sequenceEmbedding(0));
                Embedding view = context.embedding(0);
                context.batch().clear();
                context.batch().add(5, 3, 0, true);
                context.decode();
                assertThatIllegalStateException().isThrownBy(() -> view.get(0)).withMessageContaining("stale");
            }
            try (Context context =
                    model.newContext(embeddings().pooling(Pooling.LAST).build())) {
                add(context, 0, 5, 6, 7);
                context.decode();
                Models.assertClose(context.sequenceEmbeddings(0), last);
            }
            try (Context context =
                    model.newContext(embeddings().embeddings(false).build())) {
                add(context, 0, 5, 6, 7);
                context.decode();
                assertThatIllegalStateException()
                        .isThrownBy(() -> context.embedding(2))
                        .withMessageContaining("embeddings(true)");
            }
        }
    }

    @Test
    void fullAttentionComputesAllAtOnce() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(embeddings()
                        .pooling(Pooling.MEAN)
                        .attention(Attention.NON_CAUSAL)
                        .batchSize(64)
                        .ubatchSize(32)
                        .build())) {
            for (int i = 0; i < 33; i++) {
                context.batch().add(5, i, 0, true);
            }
            assertThatExceptionOfType(ContextOverflowException.class).isThrownBy(context::decode);
            context.batch().clear();
            add(context, 0, 5, 6, 7);
            context.decode();
            assertThat(context.sequenceEmbeddings(0)).hasSize(64);
        }
    }

    @Test
    void aRealEncoder() {
        try (Model model = Model.load(Models.real("tiny-random-bert.gguf"));
                Context context = model.newContext(embeddings().build())) {
            int[] tokens = model.vocabulary().tokenize("hello world", true, false);
            add(context, 0, tokens);
            context.encode();
            assertThat(context.sequenceEmbeddings(0)).hasSize(model.info().outputEmbeddingLength());
        }
    }

    private static void add(Context context, int sequence, int... tokens) {
        for (int i = 0; i < tokens.length; i++) {
            context.batch().add(tokens[i], i, sequence, true);
        }
    }
}
