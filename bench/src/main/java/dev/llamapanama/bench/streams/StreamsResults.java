package dev.llamapanama.bench.streams;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.ModelInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Makes rows of results. */
final class StreamsResults {
    private static final double NANOSECONDS = 1e9;

    private StreamsResults() {}

    /**
     * A case's row.
     *
     * @param contextLength tokens that the memory holds
     */
    static StreamsResult of(
            Machine machine,
            String command,
            Path file,
            ModelInfo model,
            ContextOptions options,
            int contextLength,
            StreamsCase test,
            StreamsSamples samples) {
        double[] promptSeconds = seconds(samples.promptNanoseconds());
        double[] genSeconds = seconds(samples.genNanoseconds());
        double[] seconds = IntStream.range(0, promptSeconds.length)
                .mapToDouble(i -> promptSeconds[i] + genSeconds[i])
                .toArray();
        double[] promptSpeeds = speeds(test.promptTokens(), promptSeconds);
        double[] genSpeeds = speeds(test.genTokens(), genSeconds);
        double[] speeds = speeds(test.promptTokens() + test.genTokens(), seconds);
        Percentiles latency = Percentiles.of(samples.stepNanoseconds());
        return new StreamsResult(
                contextLength,
                options.batchSize(),
                options.ubatchSize(),
                LlamaBenchNames.flashAttention(options.flashAttention()),
                test.sharedPrompt() ? 1 : 0,
                -1,
                options.threads(),
                options.batchThreads(),
                test.prompt(),
                test.gen(),
                test.streams(),
                test.kvTokens(),
                Statistics.mean(promptSeconds),
                Statistics.mean(promptSpeeds),
                Statistics.mean(genSeconds),
                Statistics.mean(genSpeeds),
                Statistics.mean(seconds),
                Statistics.mean(speeds),
                LlamaBenchNames.buildCommit(machine),
                machine.cpu(),
                file.toString(),
                model.description(),
                model.sizeBytes(),
                model.parameters(),
                LlamaBenchNames.type(options.keyType()),
                LlamaBenchNames.type(options.valueType()),
                LlamaBenchNames.testTime(samples.start()),
                Statistics.median(promptSpeeds),
                Statistics.standardDeviation(promptSpeeds),
                Statistics.median(genSpeeds),
                Statistics.standardDeviation(genSpeeds),
                Statistics.median(speeds),
                Statistics.standardDeviation(speeds),
                Statistics.mean(speeds(test.prompt(), promptSeconds)),
                Statistics.mean(genSpeeds) / test.streams(),
                latency.p50(),
                latency.p95(),
                latency.p99(),
                list(samples.promptNanoseconds()),
                list(samples.genNanoseconds()),
                list(samples.stepNanoseconds()),
                machine.cpuLibrary(),
                Runtime.version().toString(),
                machine,
                command);
    }

    private static double[] seconds(long[] nanoseconds) {
        return Arrays.stream(nanoseconds).mapToDouble(ns -> ns / NANOSECONDS).toArray();
    }

    private static double[] speeds(int tokens, double[] seconds) {
        return Arrays.stream(seconds).map(s -> tokens / s).toArray();
    }

    private static List<Long> list(long[] nanoseconds) {
        return Arrays.stream(nanoseconds).boxed().toList();
    }
}
