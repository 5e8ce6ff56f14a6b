package dev.llamapanama.bench.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.limits.Roofline;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A range of speeds: a bound, times the least and the greatest share of such a bound that measurements reached.
 *
 * @param test llama-bench's name of the test
 * @param limit what sets the bound
 * @param boundTs the bound in tokens per second
 * @param low the low end in tokens per second
 * @param lowSource whose share gives it
 * @param high the high end in tokens per second
 * @param highSource whose share gives it
 */
@JsonNaming(SnakeCaseStrategy.class)
record Projection(
        String test, String limit, double boundTs, double low, String lowSource, double high, String highSource) {

    /**
     * Projects.
     *
     * @param kind of model; of the published shares those of the same kind count, and of all those with the same limit.
     *     Where fewer than two are left, all of the phase count
     * @param measured shares of the machine at hand, of all phases
     * @param published shares of other machines, of all phases and kinds
     * @return empty if there is no share for this phase
     */
    static Optional<Projection> of(
            String test,
            Roofline.Bound bound,
            Efficiency.Phase phase,
            Efficiency.Kind kind,
            List<Efficiency> measured,
            List<Efficiency> published) {
        List<Efficiency> all = Stream.concat(measured.stream(), published.stream())
                .filter(e -> e.phase() == phase)
                .toList();
        List<Efficiency> alike = all.stream()
                .filter(e -> e.limit().equals(bound.limit()) && (e.kind() == null || e.kind() == kind))
                .toList();
        List<Efficiency> used = alike.size() > 1 ? alike : all;
        Comparator<Efficiency> byShare = Comparator.comparingDouble(Efficiency::share);
        return used.stream().min(byShare).map(low -> {
            Efficiency high = used.stream().max(byShare).orElseThrow();
            return new Projection(
                    test,
                    bound.limit(),
                    bound.tokensPerSecond(),
                    speed(low, bound),
                    low.source(),
                    speed(high, bound),
                    high.source());
        });
    }

    /** A share above 1 says that a measurement was disturbed, not that a bound can be exceeded. */
    private static double speed(Efficiency efficiency, Roofline.Bound bound) {
        return Math.min(1, efficiency.share()) * bound.tokensPerSecond();
    }
}
