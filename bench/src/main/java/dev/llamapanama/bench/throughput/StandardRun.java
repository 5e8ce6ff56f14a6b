package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
        Machine machine = Machine.of(Backend.load());
        CeilingShares shares = CeilingShares.measure(tests, points -> Progress.none());
        List<BenchResult> results = new ArrayList<>();
        try (ThroughputRunner runner = new ThroughputRunner(machine, shares, true, REPETITIONS, progress)) {
            for (TestCase test : tests) {
                results.add(runner.run(test));
            }
        }
        return results;
    }
}
