package dev.llamapanama.bench;

import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A model of some hundred kilobytes. */
public final class TinyModel {
    private TinyModel() {}

    public static Path file() {
        try {
            return new ForgeCache(Path.of("target", "models")).get(TinyModels.llama());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
