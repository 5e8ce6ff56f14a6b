package dev.llamapanama.bench.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.bench.plan.Efficiency.Kind;
import dev.llamapanama.bench.plan.Efficiency.Phase;
import dev.llamapanama.engine.MultiplyFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The arithmetic of projections. */
class PlanTest {
    @Test
    void aMachineOnPaperHasBandwidthAndPeaks() {
        assertThat(TargetMachine.theoreticalBandwidth(12, 4800)).isEqualTo(460.8e9);
        assertThat(new TargetMachine(48, 2.75, 400e9, 256, true, true).roofline())
                .isEqualTo(new Roofline(
                        400e9,
                        Map.of(
                                MultiplyFormat.F32, 48 * 2.75e9 * 32, // two times 8 lanes times 2 operations a cycle
                                MultiplyFormat.BF16, 48 * 2.75e9 * 64,
                                MultiplyFormat.INT8, 48 * 2.75e9 * 128)));
    }

    @Test
    void withoutInstructionsItIsSlower() {
        assertThat(new TargetMachine(1, 1, 1, 256, false, false).roofline().multiplyThroughput())
                .isEqualTo(Map.of(MultiplyFormat.F32, 32e9, MultiplyFormat.INT8, 64e9));
        assertThat(new TargetMachine(1, 1, 1, 512, true, false).roofline().multiplyThroughput())
                .isEqualTo(Map.of(MultiplyFormat.F32, 64e9, MultiplyFormat.INT8, 256e9));
    }

    private static Efficiency share(String source, Phase phase, String limit, Kind kind, double share) {
        return new Efficiency(source, phase, limit, kind, share);
    }

    @Test
    void theRangeIsTheBoundTimesLeastAndGreatestShare() {
        Roofline.Bound bound = new Roofline.Bound("memory read", 200);
        List<Efficiency> measured = List.of(
                new Efficiency("here", Phase.GENERATION, "memory read", null, 0.75),
                new Efficiency("here, prompt", Phase.PROMPT, "int8 multiply", null, 0.9));
        List<Efficiency> published = List.of(
                share("experts there", Phase.GENERATION, "memory read", Kind.EXPERTS, 0.25),
                share("dense there", Phase.GENERATION, "memory read", Kind.DENSE, 0.95));

        Projection projection = Projection.of("tg128", bound, Phase.GENERATION, Kind.EXPERTS, measured, published)
                .orElseThrow();

        assertThat(projection).isEqualTo(new Projection("tg128", "memory read", 200, 50, "experts there", 150, "here"));
    }

    @Test
    void noShareExceedsTheBound() {
        assertThat(Projection.of(
                        "tg128",
                        new Roofline.Bound("memory read", 200),
                        Phase.GENERATION,
                        Kind.DENSE,
                        List.of(new Efficiency("busy", Phase.GENERATION, "memory read", null, 1.6)),
                        List.of()))
                .hasValueSatisfying(projection -> assertThat(projection.high()).isEqualTo(200));
    }

    @Test
    void sharesOfOtherLimitsAndKindsCountOnlyWhereThereAreTooFew() {
        Roofline.Bound bound = new Roofline.Bound("int8 multiply", 100);
        List<Efficiency> published = List.of(
                share("dense", Phase.PROMPT, "int8 multiply", Kind.DENSE, 0.2),
                share("dense, bf16", Phase.PROMPT, "bf16 multiply", Kind.DENSE, 0.4),
                share("experts", Phase.PROMPT, "int8 multiply", Kind.EXPERTS, 0.1));

        assertThat(Projection.of("pp512", bound, Phase.PROMPT, Kind.DENSE, List.of(), published))
                .hasValueSatisfying(projection -> {
                    assertThat(projection.low()).isEqualTo(10);
                    assertThat(projection.high()).isEqualTo(40);
                });
        assertThat(Projection.of("tg128", bound, Phase.GENERATION, Kind.DENSE, List.of(), published))
                .isEmpty();
    }

    @Test
    void publishedRowsGiveSharesWhereShapeAndMemoryAreKnown() {
        List<Efficiency> published = Efficiency.published(Published.all(), 1);

        assertThat(published).allMatch(e -> e.share() > 0.05 && e.share() < 1);
        assertThat(published)
                .filteredOn(e -> e.source().contains("9454P"))
                .extracting(Efficiency::phase)
                .containsExactly(Phase.PROMPT, Phase.GENERATION);
        assertThat(published)
                .filteredOn(e -> e.phase() == Phase.GENERATION && e.kind() == Kind.EXPERTS)
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.source()).contains("9454P", "63.1 tok/s");
                    assertThat(e.share()).isCloseTo(0.25, within(0.01)); // 1.8 GB a token, 460.8 GB/s
                });
        assertThat(published)
                .noneMatch(e -> e.phase() == Phase.GENERATION && e.source().contains("4 CCDs"));
    }

    @Test
    void everyPublishedRowNamesItsSource() {
        assertThat(Published.all()).hasSizeGreaterThan(10).allSatisfy(row -> {
            assertThat(row.source()).isNotBlank();
            assertThat(row.pp() != null || row.tg() != null).isTrue();
            assertThat(row.spec().isPresent()).isEqualTo(row.shape() != null);
        });
    }
}
