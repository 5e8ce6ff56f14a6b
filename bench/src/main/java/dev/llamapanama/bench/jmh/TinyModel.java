package dev.llamapanama.bench.jmh;

import dev.llamapanama.bench.launcher.CacheFolder;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A loaded model of one layer and 512 tokens: a decode takes some microseconds, beside which Java's share shows. */
@State(Scope.Benchmark)
public class TinyModel {
    private Model model;

    /** Forges it, the first time, and loads it. */
    @Setup(Level.Trial)
    public void load() throws IOException {
        model = Model.load(file(TinyModels.llama().withLayers(1)));
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        model.close();
    }

    Model model() {
        return model;
    }

    /** The file of a forged model, which is kept. */
    static Path file(ModelSpec spec) throws IOException {
        return new ForgeCache(CacheFolder.path().resolve("models")).get(spec);
    }

    /** A context that computes in the calling thread alone, so that no time goes into waiting for others. */
    static ContextOptions oneThread(int contextLength) {
        return ContextOptions.builder()
                .contextLength(contextLength)
                .threads(1)
                .batchThreads(1)
                .build();
    }
}
