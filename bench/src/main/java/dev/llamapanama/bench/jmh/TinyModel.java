package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Model;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A loaded model of some hundred kilobytes. */
@State(Scope.Benchmark)
public class TinyModel {
    private Path file;
    private Model model;

    /** Forges and loads it. */
    @Setup(Level.Trial)
    public void load() throws IOException {
        file = Files.createTempFile("tiny-llama", ".gguf");
        ModelForge.forge(TinyModels.llama(), file);
        model = Model.load(file);
    }

    /** Closes it and removes its file. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        model.close();
        Files.delete(file);
    }

    Model model() {
        return model;
    }
}
