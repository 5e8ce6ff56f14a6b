package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.LoadModeConverter;
import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.RooflinePoint;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.ModelInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes rows of results. */
final class BenchResults {
    private BenchResults() {}

    /**
     * A test's row, with llama-bench's statistics.
     *
     * @param run what is the same in all rows of a run
     */
    static BenchResult of(Run run, ModelInfo model, TestCase test, Samples samples) {
        List<Long> nanoseconds = Arrays.stream(samples.nanoseconds()).boxed().toList();
        List<Double> speeds =
                nanoseconds.stream().map(ns -> 1e9 * test.tokens() / ns).toList();
        List<Long> ttft = Arrays.stream(samples.timeToFirstToken()).boxed().toList();
        Machine machine = run.machine();
        Optional<Roofline.Bound> bound = run.ceilings().bound(test);
        Optional<RooflinePoint> point = run.ceilings().roofline(test);
        return new BenchResult(
                run.buildCommit().orElseGet(() -> LlamaBenchNames.buildCommit(machine)),
                0,
                machine.cpu(),
                "",
                "CPU",
                test.model().toString(),
                model.description(),
                model.sizeBytes(),
                model.parameters(),
                test.batch(),
                test.ubatch(),
                test.threads(),
                "0x0",
                false,
                50,
                LlamaBenchNames.type(test.kvType()),
                LlamaBenchNames.type(test.kvType()),
                -1,
                0,
                "layer",
                0,
                false,
                LlamaBenchNames.flashAttention(test.flashAttention()),
                "auto",
                "0.00",
                "none",
                LoadModeConverter.name(run.loadMode()),
                "auto",
                false,
                0,
                false,
                0,
                0,
                test.prompt(),
                test.gen(),
                test.depth(),
                LlamaBenchNames.testTime(samples.start()),
                (long) Statistics.mean(Statistics.doubles(nanoseconds)),
                (long) Statistics.standardDeviation(Statistics.doubles(nanoseconds)),
                Statistics.mean(Statistics.doubles(speeds)),
                Statistics.standardDeviation(Statistics.doubles(speeds)),
                nanoseconds,
                speeds,
                ttft.isEmpty() ? null : (long) Statistics.mean(Statistics.doubles(ttft)),
                ttft.isEmpty() ? null : ttft,
                machine.cpuLibrary(),
                Runtime.version().toString(),
                bound.map(Roofline.Bound::limit).orElse(null),
                bound.map(Roofline.Bound::tokensPerSecond).orElse(null),
                bound.map(most -> Statistics.mean(Statistics.doubles(speeds)) / most.tokensPerSecond())
                        .orElse(null),
                point.map(RooflinePoint::bytesPerToken).orElse(null),
                point.map(RooflinePoint::operationsPerToken).orElse(null),
                point.map(RooflinePoint::readTs).orElse(null),
                point.map(RooflinePoint::multiplyTs).orElse(null),
                Statistics.median(Statistics.doubles(speeds)),
                machine,
                run.command());
    }
}
