package dev.llamapanama.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.MultiplyFormat;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RooflineTest {
    private static final ModelCost COST = ModelCost.of(TinyModels.llama().withWeights(WeightFormat.Q8_0));
    private static final Roofline ROOFLINE =
            new Roofline(1e6, Map.of(MultiplyFormat.INT8, 1e9, MultiplyFormat.F32, 1e8));

    @Test
    void readingIsBandwidthByBytes() {
        Roofline.Bound bound = ROOFLINE.reading(COST, 32, 8, KvType.F16).orElseThrow();

        assertThat(bound.limit()).isEqualTo("memory read");
        assertThat(bound.tokensPerSecond()).isEqualTo(1e6 / (193_792 + 36.5 * 512));
    }

    @Test
    void tokensAtOnceReadTheWeightsOnce() {
        Roofline.Bound bound = ROOFLINE.readingTogether(COST, 32, 8, KvType.F16).orElseThrow();

        assertThat(bound.limit()).isEqualTo("memory read");
        assertThat(bound.tokensPerSecond()).isCloseTo(8 * 1e6 / (193_792 + 40 * 512), within(1e-9));
    }

    @Test
    void tokensOfAMixtureOfExpertsDoNotReadTheSameWeights() {
        ModelCost experts = ModelCost.of(TinyModels.qwen3moe());

        assertThat(ROOFLINE.readingTogether(experts, 0, 8, KvType.F16)).isEmpty();
        assertThat(ROOFLINE.readingTogether(experts, 0, 1, KvType.F16)).isPresent();
    }

    @Test
    void multiplyingAddsTheTimesOfAllFormats() {
        Roofline.Bound bound = ROOFLINE.multiplying(COST, 0, 8, 1).orElseThrow();

        assertThat(bound.limit()).isEqualTo("int8 multiply");
        assertThat(1 / bound.tokensPerSecond()).isCloseTo(260_096 / 1e9 + 4608 / 1e8, within(1e-12));
    }

    @Test
    void theFormatThatTakesMostTimeNamesTheLimit() {
        assertThat(ROOFLINE.multiplying(COST, 1000, 8, 1).orElseThrow().limit()).isEqualTo("f32 multiply");
    }

    @Test
    void aFormatThatTheMachineLacksGivesNoBound() {
        Roofline roofline = new Roofline(1e6, Map.of(MultiplyFormat.F32, 1e8));

        assertThat(roofline.multiplying(COST, 0, 8, 1)).isEmpty();
        assertThat(roofline.generating(COST, 0, 8, KvType.F16))
                .hasValue(roofline.reading(COST, 0, 8, KvType.F16).orElseThrow());
    }

    @Test
    void generationIsBoundByTheSlowerOfBoth() {
        Roofline slowCores = new Roofline(1e12, ROOFLINE.multiplyThroughput());

        assertThat(ROOFLINE.generating(COST, 0, 8, KvType.F16).orElseThrow().limit())
                .isEqualTo("memory read");
        assertThat(slowCores.generating(COST, 0, 8, KvType.F16).orElseThrow().limit())
                .isEqualTo("int8 multiply");
    }

    @Test
    void ceilingsGiveTheRooflineOfANumberOfThreads() {
        Ceilings ceilings = new Ceilings(List.of(
                new Ceiling("cpu", "memory read", null, 1, "bytes/s", 10e9, 9e9),
                new Ceiling("cpu", "memory read", null, 2, "bytes/s", 15e9, 14e9),
                new Ceiling("cpu", "int8 multiply", "vpdpbusd", 2, "operations/s", 200e9, 190e9),
                new Ceiling("cpu", "bf16 multiply", null, 2, "operations/s", null, null)));

        assertThat(ceilings.roofline(2)).isEqualTo(new Roofline(15e9, Map.of(MultiplyFormat.INT8, 200e9)));
        assertThat(ceilings.lines()).isEqualTo("""
                - ceilings, 1 threads: memory read 10.0 GB/s
                - ceilings, 2 threads: memory read 15.0 GB/s; int8 multiply 200.0 Gop/s (vpdpbusd)
                """);
    }
}
