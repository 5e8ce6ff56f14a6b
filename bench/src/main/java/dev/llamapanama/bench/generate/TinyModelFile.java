package dev.llamapanama.bench.generate;

import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;

/** Writes the tiny model with which a start-up archive is made; a program of its own, to keep out of the archive. */
final class TinyModelFile {
    private TinyModelFile() {}

    /** Takes the file's name. */
    public static void main(String[] args) throws IOException {
        ModelForge.forge(TinyModels.llama(), Path.of(args[0]));
    }
}
