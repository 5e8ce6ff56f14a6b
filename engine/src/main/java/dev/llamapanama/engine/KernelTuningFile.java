package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.StateFile;
import dev.llamapanama.gguf.GgmlType;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where measured thresholds of the kernels are kept: a file in the user's cache for a CPU, a set of kernels and a number of
 * threads, with those of one build. Any file may be deleted.
 */
final class KernelTuningFile {
    private static final String BUILD = "build";
    private static final int SHAPES = 3; // small matrices, large ones, experts

    private final Path file;
    private final String build;

    /**
     * @param cache the user's cache directory
     * @param build what the libraries are known by
     * @param cpu the CPU's name
     * @param kernels their description
     * @param threads that was measured with
     */
    KernelTuningFile(Path cache, String build, String cpu, String kernels, int threads) {
        String name = "%s, %s, %d threads.properties".formatted(cpu, kernels, threads);
        this.file = cache.resolve("kernels").resolve(name.replaceAll("[^A-Za-z0-9 .,-]+", "_"));
        this.build = build;
    }

    /** What runs under a lock. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /** Does something while no other process does it; nothing at all where one does. */
    void locked(Work work) throws IOException {
        Path lockFile = folder().resolve("lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                work.run();
            }
        } catch (OverlappingFileLockException e) {
            // another class loader of this process does it
        }
    }

    /** Thresholds of this build; lines that are damaged are as if they were not there. */
    Map<GgmlType, int[]> read() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            return Map.of(); // not there yet, or damaged: it is written anew
        }
        Map<GgmlType, int[]> result = new EnumMap<>(GgmlType.class);
        if (build.equals(properties.getProperty(BUILD))) {
            for (GgmlType type : GgmlType.values()) {
                columns(properties.getProperty(type.name(), "")).ifPresent(columns -> result.put(type, columns));
            }
        }
        return result;
    }

    private static Optional<int[]> columns(String value) {
        try {
            int[] columns =
                    Stream.of(value.split(",", -1)).mapToInt(Integer::parseInt).toArray();
            boolean valid = columns.length == SHAPES && Arrays.stream(columns).allMatch(n -> n > 0);
            return valid && value.equals(text(columns)) ? Optional.of(columns) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String text(int[] columns) {
        return Arrays.stream(columns).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    /** Replaces the file. */
    void write(Map<GgmlType, int[]> thresholds) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(BUILD, build);
        thresholds.forEach((type, columns) -> properties.setProperty(type.name(), text(columns)));
        StringWriter text = new StringWriter();
        properties.store(
                text, "tokens from which on llamapanama's kernels compute: small matrices, large ones, experts");
        folder();
        StateFile.replace(
                file, channel -> channel.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8))));
    }

    private Path folder() throws IOException {
        return Files.createDirectories(file.toAbsolutePath().getParent());
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
