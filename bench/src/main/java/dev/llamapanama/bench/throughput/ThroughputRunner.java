package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Runs tests one after another; a model stays loaded while tests use it. Not thread-safe. */
final class ThroughputRunner implements AutoCloseable {
    private final Run run;
    private final boolean warmup;
    private final int repetitions;
    private final Progress progress;
    private final DepthState depthState = new DepthState();

    private @Nullable Model model;
    private @Nullable Path modelFile;

    ThroughputRunner(Run run, boolean warmup, int repetitions, Progress progress) {
        this.run = run;
        this.warmup = warmup;
        this.repetitions = repetitions;
        this.progress = progress;
    }

    /** Measures a test. */
    BenchResult measure(TestCase test) {
        Model loaded = load(test.model());
        progress.part(
                test.name(),
                " of %s, %d threads, %d repetitions"
                        .formatted(test.model().getFileName(), test.threads(), repetitions));
        try (ThroughputTest running = new ThroughputTest(loaded, test, depthState)) {
            if (warmup) {
                running.warmUp();
            }
            progress.advance(1);
            Samples samples = running.measure(repetitions, () -> progress.advance(1));
            return BenchResults.of(run, loaded.info(), test, samples);
        }
    }

    private Model load(Path file) {
        if (model != null && file.equals(modelFile)) {
            return model;
        }
        close();
        progress.part("load", " " + file.getFileName());
        Model loaded =
                Model.load(file, ModelOptions.builder().loadMode(run.loadMode()).build());
        model = loaded;
        modelFile = file;
        return loaded;
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
            model = null;
        }
    }
}
