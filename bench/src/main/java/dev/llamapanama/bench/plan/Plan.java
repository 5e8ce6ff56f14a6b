package dev.llamapanama.bench.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * A paper projection with all that it rests on.
 *
 * @param nature says that it is no measurement
 * @param target the machine on paper
 * @param model name
 * @param weightBytesPerToken bytes of weights that a generated token reads
 * @param activeWeights weights that a generated token is multiplied with
 * @param kvBytesPerPosition bytes of keys and values for each position of the context
 * @param projections one for each test
 * @param assumptions sentences
 * @param efficiencies what shares the ranges come from
 * @param published measurements of others, to compare with
 */
@JsonNaming(SnakeCaseStrategy.class)
record Plan(
        String nature,
        TargetMachine target,
        String model,
        long weightBytesPerToken,
        double activeWeights,
        double kvBytesPerPosition,
        List<Projection> projections,
        List<String> assumptions,
        List<Efficiency> efficiencies,
        List<Published> published) {
    static final String NATURE = "projection on paper, not a measurement";
}
