package dev.llamapanama.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.MultiplyFormat;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.ModelShapes;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against values computed by hand from the shapes of {@link TinyModels}. */
class ModelCostTest {
    @TempDir
    private Path folder;

    // 4 layers of 64 wide: queries and output 64 x 64, keys and values 64 x 32, feed forward 3 x 64 x 128
    private static final long LAYER = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128;
    private static final long OUTPUT = 64 * 512;

    @Test
    void denseModelWithAnOutputMatrix() {
        ModelCost cost = ModelCost.of(TinyModels.llama());

        assertThat(cost.activeWeights()).isEqualTo(4 * LAYER + OUTPUT).isEqualTo(180_224);
        long norms = 4 * 2 * 64 + 64;
        assertThat(cost.weightBytes()).isEqualTo(4 * (4 * LAYER + OUTPUT + norms));
        assertThat(cost.usesExperts()).isFalse();
    }

    @Test
    void tiedEmbeddingsAreTheOutputMatrix() {
        ModelCost cost = ModelCost.of(TinyModels.qwen2());

        assertThat(cost.activeWeights()).isEqualTo(4 * LAYER + OUTPUT);
        long normsAndBiases = 4 * (2 * 64 + 64 + 2 * 32) + 64;
        assertThat(cost.weightBytes()).isEqualTo(4 * (4 * LAYER + OUTPUT + normsAndBiases));
    }

    @Test
    void quantizedWeightsAreReadAsTheyAreStored() {
        ModelCost cost = ModelCost.of(TinyModels.llama().withWeights(WeightFormat.Q8_0));

        assertThat(cost.weightBytes()).isEqualTo((4 * LAYER + OUTPUT) * 34 / 32 + 4 * (4 * 2 * 64 + 64));
    }

    @Test
    void onlyTheUsedExpertsCount() {
        ModelCost cost = ModelCost.of(TinyModels.qwen3moe());

        // 2 layers: queries and output 64 x 128, keys and values 64 x 64, router 64 x 8, 2 of 8 experts of 3 x 64 x 32
        long layer = 2 * 64 * 128 + 2 * 64 * 64 + 64 * 8 + 2 * 3 * 64 * 32;
        assertThat(cost.activeWeights()).isEqualTo(2 * layer + OUTPUT).isEqualTo(107_520);
        long norms = 2 * (2 * 64 + 2 * 32) + 64;
        assertThat(cost.weightBytes()).isEqualTo(4 * (2 * layer + OUTPUT + norms));
        assertThat(cost.usesExperts()).isTrue();
    }

    @Test
    void keysAndValuesOfGroupedHeads() {
        ModelCost tiny = ModelCost.of(TinyModels.llama());
        assertThat(tiny.kvBytesPerPosition(KvType.F16)).isEqualTo(4 * 2 * 2 * 16 * 2);
        assertThat(tiny.kvBytesPerPosition(KvType.Q8_0)).isEqualTo(4 * 2 * 2 * 16 * 34 / 32.0);

        ModelCost large = ModelCost.of(ModelShapes.qwen3With30BActive3B());
        assertThat(large.kvBytesPerPosition(KvType.F16)).isEqualTo(48 * 2 * 4 * 128 * 2);
        assertThat(large.activeWeights()).isBetween(3.0e9, 3.1e9); // "A3B" is 3.3 with the token embeddings
    }

    @Test
    void aGeneratedTokenReadsWeightsAndWhatItSees() {
        ModelCost cost = ModelCost.of(TinyModels.llama());

        // after 32 tokens, the first of 8 sees 33 positions and the last 40: 36.5 on average
        assertThat(cost.bytesPerToken(32, 8, KvType.F16)).hasValue(723_200 + 36.5 * 512);
        assertThat(cost.bytesPerToken(0, 1, KvType.F16)).hasValue(723_200 + 512);
    }

    @Test
    void aPromptHasOneOutputAndNoFeedForwardForTheOthersInTheLastLayer() {
        double attention = 2 * 4.5 * 4 * 4 * (16 + 16); // 4.5 positions, 4 layers, 4 heads
        long feedForward = 3 * 64 * 128;
        double weights = 2 * (4 * LAYER - feedForward) + 2 * (OUTPUT + feedForward) / 8.0;

        assertThat(ModelCost.of(TinyModels.llama()).operationsPerToken(0, 8, 1, true))
                .hasValue(Map.of(MultiplyFormat.F32, weights + attention));
        assertThat(quantized(WeightFormat.Q8_0).operationsPerToken(0, 8, 1, true))
                .hasValue(Map.of(MultiplyFormat.INT8, weights, MultiplyFormat.F32, attention));
        assertThat(quantized(WeightFormat.BF16).operationsPerToken(0, 8, 1, true))
                .hasValue(Map.of(MultiplyFormat.BF16, weights, MultiplyFormat.F32, attention));
        assertThat(quantized(WeightFormat.BF16).operationsPerToken(0, 8, 1, false))
                .hasValue(Map.of(MultiplyFormat.F32, weights + attention));
        assertThat(quantized(WeightFormat.F16).formats(true)).containsExactly(MultiplyFormat.F32);
    }

    private static ModelCost quantized(WeightFormat format) {
        return ModelCost.of(TinyModels.llama().withWeights(format));
    }

    @Test
    void generatedTokensHaveAllOutputs() {
        assertThat(ModelCost.of(TinyModels.llama()).operationsPerToken(0, 1, 1, true))
                .hasValue(Map.of(MultiplyFormat.F32, 2.0 * 180_224 + 2 * 4 * 4 * (16 + 16)));
    }

    @Test
    void nothingIsSaidBeyondASlidingWindow() {
        ModelCost cost = ModelCost.of(TinyModels.gemma3()); // 32 tokens

        assertThat(cost.bytesPerToken(0, 32, KvType.F16)).isPresent();
        assertThat(cost.bytesPerToken(1, 32, KvType.F16)).isEmpty();
        assertThat(cost.operationsPerToken(1, 32, 1, true)).isEmpty();
    }

    @Test
    void recurrentLayersHaveNoKeys() {
        assertThat(ModelCost.of(TinyModels.mamba()).kvBytesPerPosition(KvType.F16))
                .isZero();
        // one layer of four is attention: 2 heads of 32
        assertThat(ModelCost.of(TinyModels.qwen35()).kvBytesPerPosition(KvType.F16))
                .isEqualTo(2 * 2 * 32 * 2);
    }

    @Test
    void aFileCostsWhatItsSpecDoes() throws IOException {
        for (ModelSpec spec : TinyModels.all()) {
            Path file = folder.resolve(spec.name() + ".gguf");
            ModelForge.forge(spec, file);
            if (!spec.architecture().generatesText()) {
                assertThat(ModelCost.of(file)).isEmpty();
                assertThatThrownBy(() -> ModelCost.of(spec)).isInstanceOf(IllegalArgumentException.class);
                continue;
            }
            ModelCost expected = ModelCost.of(spec);
            ModelCost cost = ModelCost.of(file).orElseThrow();

            assertThat(cost.weightBytes()).as(spec.name()).isEqualTo(expected.weightBytes());
            assertThat(cost.bytesPerToken(5, 7, KvType.Q8_0)).isEqualTo(expected.bytesPerToken(5, 7, KvType.Q8_0));
            assertThat(cost.operationsPerToken(5, 7, 1, true)).isEqualTo(expected.operationsPerToken(5, 7, 1, true));
            assertThat(cost.bytesPerToken(30, 9, KvType.F16)).isEqualTo(expected.bytesPerToken(30, 9, KvType.F16));
            assertThat(cost.usesExperts()).isEqualTo(expected.usesExperts());
        }
    }
}
