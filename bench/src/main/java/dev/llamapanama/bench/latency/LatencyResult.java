package dev.llamapanama.bench.latency;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.ModelInfo;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a latency run.
 *
 * @param measure what was measured
 * @param modelSize bytes of all tensors
 * @param nPrompt tokens of the prompt; 0 where there is none
 * @param nCached those of them that were in the KV cache, as the engine counted them
 * @param nDecoded tokens that were decoded within the time
 * @param medianNs median of the samples in nanoseconds; null of none
 * @param p95Ns 95th percentile of the samples in nanoseconds; null of none
 * @param samplesNs time of each repetition in nanoseconds; empty if it was not measured
 * @param notMeasured why there are no samples; null if there are
 * @param testTime start, UTC
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
record LatencyResult(
        Measure measure,
        String modelFilename,
        String modelType,
        long modelSize,
        int nThreads,
        int nBatch,
        int nUbatch,
        int nPrompt,
        int nCached,
        int nDecoded,
        @Nullable Long medianNs,
        @Nullable Long p95Ns,
        List<Long> samplesNs,
        @Nullable String notMeasured,
        String testTime,
        String cpuInfo,
        String cpuLibrary,
        String llamaCppVersion,
        String javaVersion,
        Machine machine,
        String command) {

    /** What a row says. */
    enum Measure {
        /** {@code Model.load}, the file in the page cache. */
        LOAD_WARM("load, warm page cache"),
        /** {@code Model.load}, the file not in the page cache. */
        LOAD_COLD("load, cold page cache"),
        /** {@code Model.newContext}. */
        CONTEXT("new context"),
        /** A context's first decode, of one token, after a load. */
        FIRST_DECODE("first decode after a load"),
        /** Decodes of one token that come after it. */
        LATER_DECODE("later decodes"),
        /** From the call of {@code TextGenerator.generate} until it gave the first token's text. */
        TTFT("time to first token");

        private final String title;

        Measure(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** What a row's samples were taken with. */
    record Setting(Path file, ModelInfo model, int threads, int batch, int ubatch, Machine machine, String command) {
        /** A row without a prompt. */
        LatencyResult row(Measure measure, int decoded, List<Long> samples) {
            return row(measure, 0, 0, decoded, samples, null);
        }

        /** A row for what cannot be measured here. */
        LatencyResult missing(Measure measure, String why) {
            return row(measure, 0, 0, 0, List.of(), why);
        }

        /** A row of times to the first token. */
        LatencyResult timeToFirstToken(int prompt, int cached, List<Long> samples) {
            return row(Measure.TTFT, prompt, cached, prompt - cached, samples, null);
        }

        private LatencyResult row(
                Measure measure, int prompt, int cached, int decoded, List<Long> samples, @Nullable String why) {
            double[] times = Statistics.doubles(samples);
            return new LatencyResult(
                    measure,
                    file.toString(),
                    model.description(),
                    model.sizeBytes(),
                    threads,
                    batch,
                    ubatch,
                    prompt,
                    cached,
                    decoded,
                    samples.isEmpty() ? null : (long) Statistics.median(times),
                    samples.isEmpty() ? null : percentile95(times),
                    List.copyOf(samples),
                    why,
                    LlamaBenchNames.testTime(Instant.now()),
                    machine.cpu(),
                    machine.cpuLibrary(),
                    machine.llamaCppVersion(),
                    Runtime.version().toString(),
                    machine,
                    command);
        }

        /** The smallest sample that 95 % of all are not above. */
        private static long percentile95(double[] samples) {
            double[] sorted = samples.clone();
            Arrays.sort(sorted);
            return (long) sorted[(int) Math.ceil(0.95 * sorted.length) - 1];
        }
    }
}
