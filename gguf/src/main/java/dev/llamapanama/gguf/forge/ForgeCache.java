package dev.llamapanama.gguf.forge;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A folder of forged models, each made once.
 *
 * <p>Files are named by {@link ModelSpec#fileName}, which changes with anything that the bytes depend on, so that a file
 * that is there is right. Safe for use by many threads and many processes: who comes second waits until the first has made the
 * file. A process that dies leaves no half file under a model's name.
 */
public final class ForgeCache {
    // A file lock belongs to the whole process, so threads of this one need a lock of their own.
    private static final Map<Path, Object> LOCKS = new ConcurrentHashMap<>();

    private final Path folder;

    /** A cache in a folder, which is made when needed. */
    public ForgeCache(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /**
     * The file of a model; it is made if it is not there.
     *
     * @throws IOException if it can neither be found nor made
     */
    public Path get(ModelSpec spec) throws IOException {
        Path file = folder.resolve(spec.fileName());
        if (Files.exists(file)) {
            return file;
        }
        Files.createDirectories(folder);
        synchronized (LOCKS.computeIfAbsent(file, key -> new Object())) {
            // The lock file stays: removing it would let two processes hold locks on two files of the same name.
            Path lockFile = folder.resolve(spec.fileName() + ".lock");
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!Files.exists(file)) {
                    ModelForge.forge(spec, file);
                }
            }
        }
        return file;
    }
}
