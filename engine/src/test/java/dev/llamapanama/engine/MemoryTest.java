package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.llamapanama.gguf.forge.TinyModels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class MemoryTest {
    private static ContextOptions options(boolean unified) {
        return ContextOptions.builder()
                .contextLength(1024)
                .maxSequences(4)
                .unifiedKv(unified)
                .threads(1)
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void removedTokensAreForgotten(boolean unified) {
        int[] tokens = Models.tokens(50);
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(options(unified))) {
            float[] expected = Models.logits(context, Arrays.copyOf(tokens, 31));
            Models.decode(context, 0, 31, 9, 9, 9);
            assertThat(context.sequence(0).remove(30, Sequence.END)).isTrue();
            assertThat(context.sequence(0).maxPosition()).isEqualTo(29);
            Models.decode(context, 0, 30, tokens[30]);
            Models.assertClose(context.logits(0).toArray(), expected);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCopyGoesOnAsTheOriginal(boolean unified) {
        int[] tokens = Models.tokens(50);
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(options(unified))) {
            float[] expected = Models.logits(context, tokens);
            context.clearMemory();
            Models.decode(context, 0, 0, Arrays.copyOf(tokens, 49));
            Models.decode(context, 2, 0, 9, 9, 9);
            context.sequence(0).copyTo(context.sequence(2));
            assertThat(context.sequence(2).length()).isEqualTo(49);
            Models.decode(context, 2, 49, tokens[49]);
            Models.assertClose(context.logits(0).toArray(), expected);
            context.sequence(2).keepOnly();
            assertThat(context.sequence(0).length()).isZero();
            assertThat(context.sequence(2).length()).isEqualTo(50);
            context.sequence(2).clear();
            assertThat(context.sequence(2).length()).isZero();
        }
    }

    @Test
    void aPartIsCopiedOnlyInAUnifiedMemory() {
        try (Model model = Model.load(Models.llama())) {
            try (Context context = model.newContext(options(true))) {
                Models.decode(context, 0, 0, Models.tokens(20));
                context.sequence(0).copyTo(context.sequence(1), 0, 10);
                assertThat(context.sequence(1).maxPosition()).isEqualTo(9);
            }
            try (Context context = model.newContext(options(false));
                    Context other = model.newContext(options(false))) {
                Models.decode(context, 0, 0, Models.tokens(20));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> context.sequence(0).copyTo(context.sequence(1), 0, 10))
                        .withMessageContaining("unifiedKv");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> context.sequence(0).copyTo(other.sequence(1)))
                        .withMessageContaining("another context");
            }
        }
    }

    @Test
    void shiftedPositionsAreAsIfComputedThere() {
        int[] tokens = Models.tokens(40);
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(256)
                        .threads(1)
                        .keyType(KvType.F32)
                        .valueType(KvType.F32)
                        .build())) {
            assertThat(context.canShift()).isTrue();
            // positions 100..139: what RoPE sees are distances, so moving all of it changes nothing
            Models.decode(context, 0, 100, Arrays.copyOf(tokens, 39));
            context.sequence(0).shift(0, Sequence.END, -100);
            assertThat(context.sequence(0).minPosition()).isZero();
            Models.decode(context, 0, 39, tokens[39]);
            float[] shifted = context.logits(0).toArray();
            context.clearMemory();
            Models.assertClose(shifted, Models.logits(context, tokens));
        }
    }

    @Test
    void theClassicContextShift() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(256).build())) {
            Models.decode(context, 0, 0, Models.tokens(256));
            Sequence sequence = context.sequence(0);
            assertThat(sequence.remove(4, 130)).isTrue();
            sequence.shift(130, Sequence.END, 4 - 130);
            assertThat(sequence.maxPosition()).isEqualTo(129);
            Models.decode(context, 0, 130, Models.tokens(100));
            assertThat(context.logits(-1).get(0)).isFinite();
            sequence.divide(0, Sequence.END, 2);
            assertThat(sequence.maxPosition()).isEqualTo(114);
            Models.decode(context, 0, 115, 5);
        }
    }

    @Test
    void impossibleRangesAreRefused() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(options(true))) {
            Models.decode(context, 0, 0, Models.tokens(20));
            Sequence sequence = context.sequence(0);
            assertThatIllegalArgumentException().isThrownBy(() -> sequence.remove(-1, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> sequence.remove(4, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> sequence.shift(0, 10, -1));
            assertThatIllegalArgumentException().isThrownBy(() -> sequence.shift(0, 10, Integer.MAX_VALUE));
            assertThatIllegalArgumentException().isThrownBy(() -> sequence.divide(0, 10, 0));
            assertThat(sequence.length()).isEqualTo(20);
        }
    }

    @Test
    void aRecurrentModelForgetsAllOrNothing() {
        try (Model model = Model.load(Models.forged(TinyModels.mamba()));
                Context context = model.newContext(options(false))) {
            assertThat(model.info().recurrent()).isTrue();
            int[] tokens = Models.tokens(20);
            Models.decode(context, 0, 0, tokens);
            assertThat(context.sequence(0).remove(10, Sequence.END)).isFalse();
            assertThat(context.sequence(0).maxPosition()).isEqualTo(19);
            context.sequence(0).copyTo(context.sequence(1));
            Models.decode(context, 0, 20, 5);
            float[] expected = context.logits(0).toArray();
            Models.decode(context, 1, 20, 5);
            Models.assertClose(context.logits(0).toArray(), expected);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> context.sequence(0).copyTo(context.sequence(1), 0, 5));
            assertThat(context.sequence(0).remove(0, Sequence.END)).isTrue();
            Models.decode(context, 0, 0, 5);
        }
    }
}
