package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.LoadMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The default throughput tests of one model, with their share of this machine's ceilings. */
public final class StandardRun {
    private static final int REPETITIONS = 3;

    private StandardRun() {}

    /** Measures pp512 and tg128 with as many threads as there are physical cores. */
    public static List<BenchResult> measure(Path model, Progress progress) throws IOException, InterruptedException {
        List<TestCase> tests = new TestMatrix(
                        List.of(model),
                        List.of(512),
                        List.of(128),
                        List.of(0),
                        List.of(2048),
                        List.of(512),
                        List.of(KvType.F16),
                        List.of(FlashAttention.AUTO),
                        List.of(Backend.defaultThreads()))
                .cases();
        CeilingShares shares = CeilingShares.measure(tests, points -> Progress.none());
        Run run = new Run(Machine.of(Backend.load()), Optional.empty(), LoadMode.AUTO, "", shares);
        List<BenchResult> results = new ArrayList<>();
        try (ThroughputRunner runner = new ThroughputRunner(run, true, REPETITIONS, progress)) {
            for (TestCase test : tests) {
                results.add(runner.measure(test));
            }
        }
        return results;
    }
}
