package dev.llamapanama.bench.latency;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.statistics.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Times from the start of a process to the first byte of generated text, of the engine and of llama-completion in turn.
 *
 * @param modelFilename file
 * @param archive whether the JVM used an archive of classes
 * @param engineCommand the engine's command
 * @param referenceCommand llama-completion's command
 * @param first which of the two was first in each pair
 * @param engineNs nanoseconds of the engine in each pair
 * @param referenceNs nanoseconds of llama-completion in each pair
 * @param ratios engine divided by llama-completion in each pair; less is better
 * @param testTime start, UTC
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record StartupResult(
        String modelFilename,
        int nThreads,
        int nCtx,
        boolean archive,
        List<String> engineCommand,
        List<String> referenceCommand,
        List<String> first,
        List<Long> engineNs,
        List<Long> referenceNs,
        List<Double> ratios,
        double medianEngineNs,
        double medianReferenceNs,
        double medianRatio,
        double minRatio,
        double maxRatio,
        String testTime,
        Machine machine,
        String command) {

    /** What a row's times were taken with. */
    record Setting(Path model, int threads, int contextLength, boolean archive, Machine machine, String command) {}

    /**
     * Measures pairs in the order A B, B A, A B, …, after one run of each that is not counted and brings the model's file
     * into the page cache.
     *
     * @throws IOException if one of the two fails
     */
    static StartupResult measure(FirstByte engine, FirstByte reference, Setting setting, int pairs, Progress progress)
            throws IOException, InterruptedException {
        String start = LlamaBenchNames.testTime(Instant.now());
        var _ = engine.measure();
        var _ = reference.measure();
        List<String> first = new ArrayList<>();
        List<Long> engineTimes = new ArrayList<>();
        List<Long> referenceTimes = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            progress.part(
                    "startup", " of %s, pair %d of %d".formatted(setting.model().getFileName(), pair + 1, pairs));
            boolean engineFirst = pair % 2 == 0;
            first.add((engineFirst ? engine : reference).name());
            if (engineFirst) {
                engineTimes.add(engine.measure());
            }
            referenceTimes.add(reference.measure());
            if (!engineFirst) {
                engineTimes.add(engine.measure());
            }
            ratios.add((double) engineTimes.getLast() / referenceTimes.getLast());
            progress.advance(1);
        }
        double[] ratioValues = Statistics.doubles(ratios);
        return new StartupResult(
                setting.model().toString(),
                setting.threads(),
                setting.contextLength(),
                setting.archive(),
                engine.command(),
                reference.command(),
                first,
                engineTimes,
                referenceTimes,
                ratios,
                Statistics.median(Statistics.doubles(engineTimes)),
                Statistics.median(Statistics.doubles(referenceTimes)),
                Statistics.median(ratioValues),
                ratios.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                ratios.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
                start,
                setting.machine(),
                setting.command());
    }
}
