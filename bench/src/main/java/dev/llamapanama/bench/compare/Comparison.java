package dev.llamapanama.bench.compare;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.bench.statistics.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Speeds of the engine and of llama-bench, measured in turn.
 *
 * @param model file
 * @param test llama-bench's name of the test
 * @param threads threads that compute
 * @param first which of the two was first in each pair
 * @param engine tokens per second in each pair
 * @param reference tokens per second of llama-bench in each pair
 * @param ratios engine divided by llama-bench in each pair
 * @param medianRatio median of {@code ratios}
 */
@JsonNaming(SnakeCaseStrategy.class)
record Comparison(
        String model,
        String test,
        int threads,
        List<String> first,
        List<Double> engine,
        List<Double> reference,
        List<Double> ratios,
        double medianRatio) {

    /**
     * Measures pairs in the order A B, B A, A B, …: what changes on the machine meanwhile then meets both alike.
     *
     * @throws IOException if one of the two fails
     */
    static Comparison measure(
            Contender engine, Contender reference, Path model, TestSpec test, int threads, int pairs, Progress progress)
            throws IOException, InterruptedException {
        List<String> first = new ArrayList<>();
        List<Double> engineSpeeds = new ArrayList<>();
        List<Double> referenceSpeeds = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            progress.part(test.toString(), " of %s, pair %d of %d".formatted(model.getFileName(), pair + 1, pairs));
            boolean engineFirst = pair % 2 == 0;
            first.add((engineFirst ? engine : reference).name());
            if (engineFirst) {
                engineSpeeds.add(engine.measure(model, test, threads));
            }
            referenceSpeeds.add(reference.measure(model, test, threads));
            if (!engineFirst) {
                engineSpeeds.add(engine.measure(model, test, threads));
            }
            ratios.add(engineSpeeds.getLast() / referenceSpeeds.getLast());
            progress.advance(1);
        }
        return new Comparison(
                model.toString(),
                test.toString(),
                threads,
                first,
                engineSpeeds,
                referenceSpeeds,
                ratios,
                Statistics.median(Statistics.doubles(ratios)));
    }
}
