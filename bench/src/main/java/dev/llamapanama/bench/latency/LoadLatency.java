package dev.llamapanama.bench.latency;

import dev.llamapanama.bench.latency.LatencyResult.Measure;
import dev.llamapanama.bench.latency.LatencyResult.Setting;
import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Loads of a model, each followed by a context's first decodes. */
final class LoadLatency {
    /** Decodes after the first one. */
    private static final int LATER_DECODES = 8;

    private final Path file;
    private final ContextOptions options;
    private final List<Long> contexts = new ArrayList<>();
    private final List<Long> firstDecodes = new ArrayList<>();
    private final List<Long> laterDecodes = new ArrayList<>();

    private LoadLatency(Path file, ContextOptions options) {
        this.file = file;
        this.options = options;
    }

    /**
     * Measures.
     *
     * @param setting of a model that was loaded before: its file is in the page cache, and this JVM has its classes
     */
    static List<LatencyResult> measure(Setting setting, ContextOptions options, int repetitions, Runnable afterEach)
            throws IOException, InterruptedException {
        LoadLatency latency = new LoadLatency(setting.file(), options);
        List<Long> warm = latency.loads(repetitions, false, afterEach);
        List<LatencyResult> rows = new ArrayList<>();
        rows.add(setting.row(Measure.LOAD_WARM, 0, warm));
        rows.add(setting.row(Measure.CONTEXT, 0, latency.contexts));
        rows.add(setting.row(Measure.FIRST_DECODE, 1, latency.firstDecodes));
        rows.add(setting.row(Measure.LATER_DECODE, 1, latency.laterDecodes));
        try {
            rows.add(1, setting.row(Measure.LOAD_COLD, 0, latency.loads(repetitions, true, afterEach)));
        } catch (IOException e) {
            rows.add(1, setting.missing(Measure.LOAD_COLD, "not measured: " + e.getMessage()));
        }
        return rows;
    }

    private List<Long> loads(int repetitions, boolean cold, Runnable afterEach)
            throws IOException, InterruptedException {
        List<Path> parts = GgufParts.open(file).stream().map(GgufFile::path).toList();
        List<Long> samples = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            if (cold) {
                PageCache.evict(parts);
            }
            long begin = System.nanoTime();
            try (Model model = Model.load(file)) {
                samples.add(System.nanoTime() - begin);
                if (!cold) {
                    decode(model);
                }
            }
            afterEach.run();
        }
        return samples;
    }

    private void decode(Model model) {
        long begin = System.nanoTime();
        try (Context context = model.newContext(options)) {
            contexts.add(System.nanoTime() - begin);
            Batch batch = context.batch();
            int token = model.vocabulary().bos().orElse(0);
            for (int position = 0; position <= LATER_DECODES; position++) {
                batch.clear();
                batch.add(token, position, 0, true);
                begin = System.nanoTime();
                context.decode();
                (position == 0 ? firstDecodes : laterDecodes).add(System.nanoTime() - begin);
            }
        }
    }
}
