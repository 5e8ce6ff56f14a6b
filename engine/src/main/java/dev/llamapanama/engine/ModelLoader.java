package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.ModelParams;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.bindings.ProgressUpcall;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.MemoryBudget;
import dev.llamapanama.engine.internal.ModelFingerprint;
import dev.llamapanama.engine.internal.NativeResource;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufFormatException;
import dev.llamapanama.gguf.GgufModelCheck;
import dev.llamapanama.gguf.GgufParts;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Checks a model's files, then has llama.cpp load them. */
final class ModelLoader {
    private final Path path;
    private final List<Path> nativePaths;
    private final ModelOptions options;

    private ModelLoader(List<Path> nativePaths, ModelOptions options) {
        this.path = nativePaths.getFirst();
        this.nativePaths = nativePaths;
        this.options = options;
    }

    static Model load(Path path, ModelOptions options) {
        return new ModelLoader(List.of(path), options).load();
    }

    static Model loadParts(List<Path> parts, ModelOptions options) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a model has at least one file");
        }
        return new ModelLoader(parts, options).load();
    }

    /**
     * The headers of a model's files, in order.
     *
     * @throws ModelLoadException if it could not be loaded
     */
    static List<GgufFile> headers(Path path) {
        return new ModelLoader(List.of(path), ModelOptions.defaults()).check();
    }

    private Model load() {
        Backend.loadAhead(); // the check takes about as long
        List<GgufFile> files = check();
        checkMemory(files);
        Backend backend = Backend.load();
        backend.modelIsLoaded();
        List<GgufTensor> weights = options.vocabularyOnly()
                ? List.of()
                : files.stream()
                        .flatMap(file -> file.tensors().values().stream())
                        .toList();
        return backend.load(weights, () -> load(files));
    }

    private Model load(List<GgufFile> files) {
        CompletableFuture<ModelFingerprint> fingerprint = fingerprint(files);
        NativeResource resource = NativeResource.open(
                "Model " + path.getFileName(),
                List.of(),
                new Object(),
                (handleArena, memory) -> loadNative(handleArena));
        try {
            resource.declareBytes(Llama.modelSize(resource.handle()));
            return new Model(
                    resource,
                    options,
                    fingerprint,
                    MetadataOverrides.texts(files.getFirst(), options.metadataOverrides()));
        } catch (Throwable thrown) {
            resource.close();
            throw thrown;
        }
    }

    private List<GgufFile> check() {
        try {
            List<GgufFile> files = open();
            List<GgufFile> seen = new ArrayList<>(files);
            seen.set(0, MetadataOverrides.apply(files.getFirst(), options.metadataOverrides()));
            if (options.vocabularyOnly()) {
                GgufModelCheck.requireVocabulary(seen.getFirst());
            } else {
                GgufModelCheck.require(seen);
            }
            return files;
        } catch (GgufFormatException e) {
            throw new ModelLoadException(path, String.valueOf(e.getMessage()), e);
        } catch (NoSuchFileException e) {
            throw new ModelLoadException(path, e.getFile() + " does not exist; check the path", e);
        } catch (UncheckedIOException | IOException e) {
            String why = Files.isDirectory(path) ? "is a directory; name the GGUF file in it" : "cannot be read: " + e;
            throw new ModelLoadException(path, path + " " + why, e);
        }
    }

    private List<GgufFile> open() throws IOException {
        if (nativePaths.size() == 1) {
            return GgufParts.open(path);
        }
        List<GgufFile> files = new ArrayList<>();
        for (Path part : nativePaths) {
            files.add(GgufFile.open(part));
        }
        return files;
    }

    /** A mapped file may be larger than the memory; one that is read or locked may not, or the kernel ends the process. */
    private void checkMemory(List<GgufFile> files) {
        boolean mapped = options.loadMode() == LoadMode.AUTO || options.loadMode() == LoadMode.MMAP;
        long bytes = files.stream().mapToLong(GgufFile::fileSize).sum();
        if (mapped || options.vocabularyOnly()) {
            return;
        }
        long total = MemoryBudget.totalBytes();
        if (bytes > total) {
            throw new ModelLoadException(
                    path,
                    "%s has %.1f GiB, more than the %.1f GiB of this machine; load it with LoadMode.MMAP"
                            .formatted(path, bytes / (double) (1 << 30), total / (double) (1 << 30)));
        }
    }

    private CompletableFuture<ModelFingerprint> fingerprint(List<GgufFile> files) {
        try {
            return ModelFingerprint.start(files, options.metadataOverrides());
        } catch (IOException e) {
            throw new ModelLoadException(path, path + " cannot be read: " + e, e);
        }
    }

    private MemorySegment loadNative(Arena handleArena) {
        long mark = LogRouter.mark();
        ProgressUpcall progress = new ProgressUpcall(options.listener()::progress);
        try (Arena call = Arena.ofConfined()) {
            ModelParams params = params(call, progress);
            MemorySegment handle = Llama.modelLoad(nativePaths, params, handleArena, new NativeError(call));
            progress.rethrow();
            if (progress.stopped()) {
                throw new CancelledException("the load of " + path + " was stopped by its listener");
            }
            if (handle.equals(MemorySegment.NULL)) {
                throw new ModelLoadException(path, path + " was refused by llama.cpp" + LogRouter.reasonSince(mark));
            }
            return handle;
        } catch (NativeCallException e) {
            progress.rethrow();
            throw new ModelLoadException(
                    path, path + " cannot be loaded: " + e.getMessage() + LogRouter.reasonSince(mark), e);
        }
    }

    private ModelParams params(Arena call, ProgressUpcall progress) {
        ModelParams params = new ModelParams(call);
        params.loadMode(options.loadMode().value());
        params.vocabOnly(options.vocabularyOnly());
        params.checkTensors(options.checkTensors());
        params.useExtraBufts(options.repack());
        params.nGpuLayers(options.gpuLayers());
        if (!options.metadataOverrides().isEmpty()) {
            params.kvOverrides(options.metadataOverrides(), call);
        }
        if (options.listener() != LoadListener.NONE) {
            params.progress(progress, call);
        }
        return params;
    }
}
