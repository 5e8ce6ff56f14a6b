package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A generator over a tiny model with one thread, or over a file with the default threads: {@code -p model=FILE}. */
@State(Scope.Benchmark)
public class ChosenModel {
    private static final String TINY = "tiny";
    private static final int CONTEXT_LENGTH = 512;

    /** File of a model. */
    @Param(TINY)
    public String model;

    private Model loaded;
    private TextGenerator generator;

    /** Loads it. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        boolean tiny = model.equals(TINY);
        loaded = Model.load(tiny ? TinyModel.file(TinyModels.llama()) : Path.of(model));
        generator = TextGenerator.create(
                loaded,
                tiny
                        ? TinyModel.oneThread(CONTEXT_LENGTH)
                        : ContextOptions.builder().contextLength(CONTEXT_LENGTH).build());
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        generator.close();
        loaded.close();
    }

    TextGenerator generator() {
        return generator;
    }

    /** So many tokens of text. */
    int[] prompt(int length) {
        int size = loaded.vocabulary().size();
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = (i * 31 + 7) % Math.min(size, 256);
        }
        return tokens;
    }
}
