package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own matrix kernels, as the engine sees them. */
@ExtendWith(NoLeaks.class)
class KernelsTest {
    @Test
    void theirStatusTellsWhichOrWhyNot() {
        KernelStatus status = Backend.load().kernels();

        assertThat(status.description()).isNotBlank();
        assertThat(status.active()).isEqualTo(Backend.load().devices().stream().anyMatch(d -> d.startsWith("ACCEL")));
    }

    @Test
    void theyTakeOperationsWithQuantizedWeights() {
        assumeTrue(Backend.load().kernels().active());
        long before = Backend.load().kernels().operations();

        decode(1, 32);

        assertThat(Backend.load().kernels().operations()).isGreaterThan(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void theResultDoesNotDependOnTheThreads(int threads) {
        assumeTrue(Backend.load().kernels().active());
        for (int tokens : new int[] {2, 3, 13, 48}) {
            assertThat(decode(threads, tokens)).isEqualTo(decode(1, tokens));
        }
    }

    private static float[] decode(int threads, int tokens) {
        ContextOptions options = ContextOptions.builder()
                .contextLength(64)
                .threads(threads)
                .batchThreads(threads)
                .build();
        try (Model model = Model.load(Models.forged(TinyModels.llama().withWeights(WeightFormat.Q8_0)));
                Context context = model.newContext(options)) {
            Batch batch = context.batch();
            for (int i = 0; i < tokens; i++) {
                batch.add(i % 100, i, 0, i == tokens - 1);
            }
            context.decode();
            float[] logits = new float[model.vocabulary().size()];
            context.logitsInto(tokens - 1, logits);
            return Arrays.copyOf(logits, logits.length);
        }
    }
}
