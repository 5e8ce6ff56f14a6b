package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A piece of a prompt of which no logits are wanted: the last layer's products have no columns then. */
@ExtendWith(NoLeaks.class)
class NoOutputTest {
    private static final int TOKENS = 24;

    static Stream<ModelSpec> models() {
        return Stream.of(TinyModels.llama(), TinyModels.qwen3moe()).map(spec -> spec.withWeights(WeightFormat.Q8_0));
    }

    @ParameterizedTest
    @MethodSource("models")
    void piecesWithoutOutputsAreDecoded(ModelSpec spec) {
        try (Model model = Model.load(Models.forged(spec));
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(256).build())) {
            Batch batch = context.batch();
            for (int piece = 0; piece < 3; piece++) {
                batch.clear();
                for (int i = 0; i < TOKENS; i++) {
                    batch.add(40 + i, piece * TOKENS + i, 0, piece == 2 && i == TOKENS - 1);
                }
                context.decode();
            }
            assertThat(context.logits(TOKENS - 1).argMax()).isNotNegative();
        }
    }
}
