package dev.llamapanama.bench.model;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.launcher.CacheFolder;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.ModelShapes;
import dev.llamapanama.gguf.forge.ModelSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Models with random weights, which are made on first use and kept in the user's cache. */
public final class ForgedModel {
    private static final long MIB = 1 << 20;
    private static final long POLL_MS = 250;

    private ForgedModel() {}

    /** The model that is measured when none is named: the shape of Qwen2.5-0.5B, Q8_0. */
    public static Path standard() throws IOException, InterruptedException {
        return get(ModelShapes.qwen25With500M());
    }

    /**
     * The file of a model, made with a progress bar if it is not there.
     *
     * @throws IOException if it can neither be found nor made
     */
    public static Path get(ModelSpec spec) throws IOException, InterruptedException {
        ForgeCache cache = new ForgeCache(CacheFolder.path().resolve("models"));
        Path file = cache.folder().resolve(spec.fileName());
        if (Files.exists(file)) {
            return file;
        }
        Files.createDirectories(cache.folder());
        make(spec, file, () -> cache.get(spec));
        return file;
    }

    /**
     * Writes a model to a file, which appears whole at the end, with a progress bar.
     *
     * @throws IOException if it cannot be written
     */
    public static void write(ModelSpec spec, Path file) throws IOException, InterruptedException {
        make(spec, file, () -> {
            ModelForge.forge(spec, file);
            return file;
        });
    }

    private static void make(ModelSpec spec, Path file, Callable<Path> forge) throws IOException, InterruptedException {
        long total = ModelForge.tensorBytes(spec);
        try (Progress progress = Progress.start("forge", " MiB", MIB, total)) {
            progress.part(spec.name(), ", %d MiB of random weights, %s".formatted(total / MIB, file));
            FutureTask<Path> made = new FutureTask<>(forge);
            Thread.ofPlatform().name("forge").daemon().start(made);
            for (long shown = 0; ; ) {
                try {
                    made.get(POLL_MS, TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException e) {
                    long written = Math.clamp(written(file), shown, total);
                    progress.advance(written - shown);
                    shown = written;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    /** The size of the unfinished file; another process may be writing it. */
    private static long written(Path file) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(file.getParent(), file.getFileName() + ".*.part")) {
            for (Path part : parts) {
                bytes = Math.max(bytes, part.toFile().length()); // 0 if it was finished meanwhile
            }
        }
        return bytes;
    }
}
