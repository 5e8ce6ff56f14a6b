package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.OpenHandles;
import dev.llamapanama.engine.internal.StateFile;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * From how many tokens on our own kernels compute: measured once for each weight type that a model has much of, and kept in the
 * user's cache for this CPU, number of threads and build. Where the cache cannot be written, or something else may be
 * computing, nothing is measured and the kernels' defaults hold. Thread-safe.
 */
final class KernelTuning {
    /** System property: {@code on} (the default) or {@code off} for fixed defaults. */
    static final String PROPERTY = "llamapanama.kernels.tuning";

    /** What a model must have of a type, so that it is worth half a second: caches hold what is smaller. */
    private static final long LEAST_BYTES = 64L << 20;

    private static final Pattern VALUE = Pattern.compile("[1-9]\\d{0,9}(,[1-9]\\d{0,9}){2}");

    private final Path file;
    private final int threads;
    private final Map<GgmlType, int[]> measured = new EnumMap<>(GgmlType.class); // guarded by this

    /**
     * @param cache the user's cache directory
     * @param build what the libraries are known by
     * @param cpu the CPU's name
     * @param threads that contexts compute with by default
     */
    KernelTuning(Path cache, String build, String cpu, int threads) {
        String name = "%s, %d threads, %s".formatted(cpu, threads, build.substring(0, Math.min(16, build.length())));
        this.file = cache.resolve("kernels").resolve(name.replaceAll("[^A-Za-z0-9 .,-]+", "_") + ".properties");
        this.threads = threads;
    }

    static boolean wanted() {
        String value = System.getProperty(PROPERTY, "on");
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new NativeLibraryException("-D" + PROPERTY + "=" + value + " is neither on nor off");
        };
    }

    /** Sets what was measured before. */
    synchronized void restore() {
        read(file).forEach(this::set);
    }

    /** Measures and sets what is missing for a model; before it is loaded. */
    synchronized void prepare(Collection<GgufTensor> model) {
        List<GgmlType> missing = new ArrayList<>(worthIt(model));
        missing.removeAll(measured.keySet());
        if (missing.isEmpty() || !OpenHandles.names().isEmpty() || !writable()) {
            return;
        }
        // a thread of its own, since OpenMP keeps a team for each thread that computes
        CompletableFuture.runAsync(() -> missing.forEach(this::measure), KernelTuning::onItsOwnThread)
                .join();
        try {
            StateFile.replace(file, channel -> channel.write(ByteBuffer.wrap(text().getBytes(StandardCharsets.UTF_8))));
        } catch (IOException e) {
            // this process has them; the next one measures again
        }
    }

    /** What is set, in the order of the types' names. */
    synchronized List<KernelThresholds> thresholds() {
        return measured.entrySet().stream()
                .map(entry -> new KernelThresholds(
                        entry.getKey().name(), entry.getValue()[0], entry.getValue()[1], entry.getValue()[2]))
                .toList();
    }

    Path file() {
        return file;
    }

    /** Types with kernels, of which the model has enough. */
    private static List<GgmlType> worthIt(Collection<GgufTensor> model) {
        Map<GgmlType, Long> bytes = model.stream()
                .collect(Collectors.groupingBy(GgufTensor::type, Collectors.summingLong(GgufTensor::byteSize)));
        return bytes.entrySet().stream()
                .filter(entry -> entry.getValue() >= LEAST_BYTES)
                .map(Map.Entry::getKey)
                .filter(KernelTuning::hasKernels)
                .sorted()
                .toList();
    }

    private static boolean hasKernels(GgmlType type) {
        return Llama.kernelsThresholds(type.id())
                .map(all -> Arrays.stream(all).anyMatch(columns -> columns != Integer.MAX_VALUE))
                .orElse(false);
    }

    private boolean writable() {
        try {
            return Files.isWritable(
                    Files.createDirectories(file.toAbsolutePath().getParent()));
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return false;
        }
    }

    private static void onItsOwnThread(Runnable task) {
        Thread.ofPlatform().name("llamapanama-tuning").daemon().start(task);
    }

    private void measure(GgmlType type) {
        try (Arena arena = Arena.ofConfined()) {
            Llama.kernelsMeasure(type.id(), threads, new NativeError(arena)).ifPresent(columns -> set(type, columns));
        }
    }

    private void set(GgmlType type, int[] columns) {
        Llama.kernelsSetThresholds(type.id(), columns);
        measured.put(type, columns);
    }

    private String text() throws IOException {
        Properties properties = new Properties();
        measured.forEach((type, columns) -> properties.setProperty(
                type.name(), Arrays.stream(columns).mapToObj(String::valueOf).collect(Collectors.joining(","))));
        StringWriter text = new StringWriter();
        properties.store(
                text,
                "tokens from which on llamapanama's kernels compute: small matrices, large ones, experts; may be deleted");
        return text.toString();
    }

    /** What a file says; lines that are damaged are as if they were not there. */
    static Map<GgmlType, int[]> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            return Map.of(); // not there yet, or damaged: it is written anew
        }
        Map<GgmlType, int[]> result = new EnumMap<>(GgmlType.class);
        for (GgmlType type : GgmlType.values()) {
            columns(properties.getProperty(type.name(), "")).ifPresent(columns -> result.put(type, columns));
        }
        return result;
    }

    private static Optional<int[]> columns(String value) {
        if (!VALUE.matcher(value).matches()) {
            return Optional.empty();
        }
        long[] columns =
                Arrays.stream(value.split(",")).mapToLong(Long::parseLong).toArray();
        return Arrays.stream(columns).anyMatch(n -> n > Integer.MAX_VALUE)
                ? Optional.empty()
                : Optional.of(Arrays.stream(columns).mapToInt(Math::toIntExact).toArray());
    }
}
