package dev.llamapanama.engine.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class SurpriseMeterTest {
    private static final int[] PREFIX = new Random(1).ints(9, 0, 250).toArray();
    private static final int[] TOKENS = new Random(2).ints(70, 0, 250).toArray();

    private static ContextOptions options(int batchSize) {
        return ContextOptions.builder()
                .contextLength(256)
                .batchSize(batchSize)
                .flashAttention(FlashAttention.DISABLED) // whose keys and values are in F16
                .threads(1)
                .build();
    }

    static Stream<ModelSpec> models() {
        return Stream.of(TinyModels.llama(), TinyModels.qwen35(), TinyModels.mamba());
    }

    @ParameterizedTest
    @MethodSource("models")
    void isThatOfEachTokenAfterThoseBeforeIt(ModelSpec spec) {
        try (Model model = Model.load(Models.forged(spec));
                Context one = model.newContext(options(256));
                Context small = model.newContext(options(16));
                Context naive = model.newContext(options(256))) {
            double[] expected = new double[TOKENS.length];
            for (int i = 0; i < TOKENS.length; i++) {
                expected[i] = surprise(naive, concat(PREFIX, TOKENS, 0, i), TOKENS[i]);
            }
            for (Context context : new Context[] {one, small}) {
                SurpriseMeter meter = new SurpriseMeter(context, 256);
                assertThat(meter.measure(PREFIX, TOKENS)).containsExactly(expected, within(1e-4));
                assertThat(meter.measure(PREFIX, new int[0])).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void longTextsAreReadInWindows(ModelSpec spec) {
        int length = 41; // 9 of prefix, and 32 of text: the first 8 of them are of the window before
        try (Model model = Model.load(Models.forged(spec));
                Context context = model.newContext(options(16));
                Context naive = model.newContext(options(256))) {
            double[] actual = new SurpriseMeter(context, length).measure(PREFIX, TOKENS);
            for (int i = 0; i < TOKENS.length; i++) {
                int start = i < 32 ? 0 : 24 + (i - 32) / 24 * 24;
                double expected = surprise(naive, concat(PREFIX, TOKENS, start, i), TOKENS[i]);
                assertThat(actual[i]).as("token " + i).isCloseTo(expected, within(1e-4));
            }
        }
    }

    @Test
    void theFirstTokenOfAllIsAsLikelyAsAnyOther() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(options(256))) {
            double[] surprise = new SurpriseMeter(context, 256).measure(new int[0], TOKENS);
            assertThat(surprise[0]).isEqualTo(Math.log(512));
            assertThat(surprise[1])
                    .isCloseTo(surprise(context, concat(new int[0], TOKENS, 0, 1), TOKENS[1]), within(1e-4));
        }
    }

    private static int[] concat(int[] prefix, int[] tokens, int from, int to) {
        int[] all = Arrays.copyOf(prefix, prefix.length + to - from);
        System.arraycopy(tokens, from, all, prefix.length, to - from);
        return all;
    }

    private static double surprise(Context context, int[] before, int token) {
        context.clearMemory();
        context.batch().clear();
        for (int i = 0; i < before.length; i++) {
            context.batch().add(before[i], i, 0, i == before.length - 1);
        }
        context.decode();
        float[] logits = context.logits(-1).toArray();
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum) - logits[token];
    }
}
