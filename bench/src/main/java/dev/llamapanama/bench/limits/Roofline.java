package dev.llamapanama.bench.limits;

import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.MultiplyFormat;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * How fast a machine could run a model if it did nothing but read memory, or nothing but multiply (S. Williams et al.,
 * "Roofline", 2009). Immutable.
 *
 * @param readBandwidth bytes per second that the threads read together
 * @param multiplyThroughput operations per second that they do together, by format; formats that the machine has no
 *     instruction for are absent
 */
public record Roofline(double readBandwidth, Map<MultiplyFormat, Double> multiplyThroughput) {
    /**
     * A speed that cannot be exceeded.
     *
     * @param limit what sets it: {@code memory read}, {@code int8 multiply}, …
     * @param tokensPerSecond the speed
     */
    public record Bound(String limit, double tokensPerSecond) {}

    /** Copies the map. */
    public Roofline {
        multiplyThroughput = Map.copyOf(multiplyThroughput);
    }

    /** Generation, bound by memory: bandwidth / bytes per token. Empty where the bytes are not known. */
    public Optional<Bound> reading(ModelCost cost, int depth, int tokens, KvType kvType) {
        return cost.bytesPerToken(depth, tokens, kvType).stream()
                .mapToObj(bytes -> new Bound("memory read", readBandwidth / bytes))
                .findFirst();
    }

    /** Tokens that are computed together, bound by memory: bandwidth / bytes per token. Empty where the bytes are not known. */
    public Optional<Bound> readingTogether(ModelCost cost, int depth, int tokens, KvType kvType) {
        return cost.bytesPerTokenTogether(depth, tokens, kvType).stream()
                .mapToObj(bytes -> new Bound("memory read", readBandwidth / bytes))
                .findFirst();
    }

    /**
     * Tokens bound by multiplication: 1 / sum over formats of operations per token / throughput, named after the format that
     * takes most of the time. Empty where the operations are not known, or a format's throughput.
     *
     * @param outputs how many of the tokens have logits
     */
    public Optional<Bound> multiplying(ModelCost cost, int depth, int tokens, int outputs) {
        return operationsByFormat(cost, depth, tokens, outputs)
                .filter(operations -> multiplyThroughput.keySet().containsAll(operations.keySet()))
                .map(this::bound);
    }

    /** What a token takes of all formats together. Empty where it is not known. */
    public OptionalDouble operations(ModelCost cost, int depth, int tokens, int outputs) {
        return operationsByFormat(cost, depth, tokens, outputs).stream()
                .mapToDouble(operations -> operations.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .findFirst();
    }

    private Optional<Map<MultiplyFormat, Double>> operationsByFormat(
            ModelCost cost, int depth, int tokens, int outputs) {
        return cost.operationsPerToken(depth, tokens, outputs, multiplyThroughput.containsKey(MultiplyFormat.BF16));
    }

    private Bound bound(Map<MultiplyFormat, Double> operations) {
        Map.Entry<MultiplyFormat, Double> slowest = operations.entrySet().stream()
                .max(Comparator.comparingDouble(this::seconds))
                .orElseThrow();
        double total = operations.entrySet().stream().mapToDouble(this::seconds).sum();
        return new Bound(limit(slowest.getKey()), 1 / total);
    }

    private double seconds(Map.Entry<MultiplyFormat, Double> operations) {
        return operations.getValue() / multiplyThroughput.get(operations.getKey());
    }

    /** Generation, bound by whichever of the two is slower. */
    public Optional<Bound> generating(ModelCost cost, int depth, int tokens, KvType kvType) {
        Optional<Bound> reading = reading(cost, depth, tokens, kvType);
        return reading.isEmpty()
                ? reading
                : Stream.concat(reading.stream(), multiplying(cost, depth, tokens, tokens).stream())
                        .min(Comparator.comparingDouble(Bound::tokensPerSecond));
    }

    /** The name of a limit. */
    static String limit(MultiplyFormat format) {
        return format.name().toLowerCase(Locale.ROOT) + " multiply";
    }
}
