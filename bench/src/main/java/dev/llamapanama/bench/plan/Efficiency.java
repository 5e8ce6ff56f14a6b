package dev.llamapanama.bench.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.limits.ModelCost;
import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.gguf.forge.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What share of a bound some measurement reached.
 *
 * @param source who measured what
 * @param phase what was measured
 * @param limit what set the bound, as in {@link Roofline.Bound}
 * @param kind what kind of model it was; null if unknown
 * @param share 0 to 1, rarely above
 */
@JsonNaming(SnakeCaseStrategy.class)
record Efficiency(
        String source, Phase phase, String limit, @Nullable Kind kind, double share) {
    /** What a language model does. */
    enum Phase {
        @JsonProperty("prompt")
        PROMPT,
        @JsonProperty("generation")
        GENERATION
    }

    /** Each expert is small and is used by few tokens of a prompt, which suits many cores less. */
    enum Kind {
        @JsonProperty("dense")
        DENSE,
        @JsonProperty("experts")
        EXPERTS
    }

    /** Tokens that published figures are mostly made with. */
    private static final int PROMPT = 512;

    private static final int GEN = 128;

    /** From rows of throughput; those without a ceiling are left out. */
    static List<Efficiency> measured(List<BenchResult> results) {
        List<Efficiency> efficiencies = new ArrayList<>();
        for (BenchResult result : results) {
            String limit = result.ceiling();
            Double share = result.ceilingShare();
            if (limit != null && share != null) {
                efficiencies.add(new Efficiency(
                        "measured: %s, %d threads, %s, %s"
                                .formatted(result.cpuInfo(), result.nThreads(), result.modelType(), result.test()),
                        result.nGen() > 0 ? Phase.GENERATION : Phase.PROMPT,
                        limit,
                        null,
                        share));
            }
        }
        return efficiencies;
    }

    /**
     * From published figures; those of models whose shape is not known, and generation on machines whose memory is not known,
     * are left out. All of those machines are Zen 4.
     *
     * @param attainable what part of the theoretical bandwidth cores can read
     */
    static List<Efficiency> published(List<Published> rows, double attainable) {
        List<Efficiency> efficiencies = new ArrayList<>();
        for (Published row : rows) {
            row.spec().ifPresent(spec -> {
                ModelCost cost = ModelCost.of(spec);
                Roofline roofline = roofline(row, attainable);
                add(efficiencies, row, spec, Phase.PROMPT, row.pp(), roofline.multiplying(cost, 0, PROMPT, 1));
                if (row.channels() != null && row.mts() != null) {
                    add(
                            efficiencies,
                            row,
                            spec,
                            Phase.GENERATION,
                            row.tg(),
                            roofline.generating(cost, 0, GEN, KvType.F16));
                }
            });
        }
        return efficiencies;
    }

    private static Roofline roofline(Published row, double attainable) {
        Integer threads = row.threads();
        Integer channels = row.channels();
        Double mts = row.mts();
        double bandwidth = channels == null || mts == null
                ? Double.NaN
                : attainable * TargetMachine.theoreticalBandwidth(channels, mts);
        return new TargetMachine(threads == null ? row.cores() : threads, row.ghz(), bandwidth, 256, true, true)
                .roofline();
    }

    private static void add(
            List<Efficiency> efficiencies,
            Published row,
            ModelSpec spec,
            Phase phase,
            @Nullable Double speed,
            Optional<Roofline.Bound> bound) {
        if (speed != null) {
            bound.ifPresent(most -> efficiencies.add(new Efficiency(
                    "published: %s, %s%s, %s tok/s"
                            .formatted(
                                    row.machine(),
                                    row.model(),
                                    row.threads() == null ? "" : ", " + row.threads() + " threads",
                                    speed),
                    phase,
                    most.limit(),
                    spec.experts() > 0 ? Kind.EXPERTS : Kind.DENSE,
                    speed / most.tokensPerSecond())));
        }
    }
}
