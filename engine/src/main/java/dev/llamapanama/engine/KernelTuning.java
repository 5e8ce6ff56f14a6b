package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.MemoryBudget;
import dev.llamapanama.engine.internal.OpenHandles;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * From how many tokens on our own kernels compute: measured once for each weight type that a model has much of, and kept in a
 * {@link KernelTuningFile}. Where that cannot be written, memory is short, or something else may be computing, nothing is
 * measured and the kernels' defaults hold. Thread-safe.
 */
final class KernelTuning {
    /** System property: {@code on} (the default) or {@code off} for fixed defaults. */
    static final String PROPERTY = "llamapanama.kernels.tuning";

    /** What a model must have of a type, so that it is worth a second: caches hold what is smaller. */
    private static final long LEAST_BYTES = 64L << 20;

    /** Weights to measure with: more than the third-level cache of as many cores as there are threads, of most processors. */
    private static final long MEASURED_BYTES = 64L << 20;

    private static final long MEASURED_BYTES_OF_THREAD = 8L << 20;

    /** Of the memory that is available, measuring takes no more than this part. */
    private static final int SHARE_OF_MEMORY = 4;

    private final KernelTuningFile file;
    private final int threads;
    private final Set<GgmlType> failed = EnumSet.noneOf(GgmlType.class); // guarded by this
    private int loading; // models that are being loaded; guarded by this
    private volatile Map<GgmlType, int[]> measured = Map.of(); // never changed, but replaced; only under this

    /** For contexts with the default number of threads. */
    KernelTuning(KernelTuningFile file, int threads) {
        this.file = file;
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
        file.read().forEach((type, columns) -> {
            if (hasKernels(type) && !measured.containsKey(type)) {
                set(type, columns);
            }
        });
    }

    /** Measures and sets what is missing for a model, then loads it. */
    <T> T load(Collection<GgufTensor> model, Supplier<T> load) {
        synchronized (this) {
            prepare(model);
            loading++;
        }
        try {
            return load.get();
        } finally {
            synchronized (this) {
                loading--;
            }
        }
    }

    /** What is set, in the order of ggml's types. */
    List<KernelThresholds> thresholds() {
        return measured.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new KernelThresholds(
                        entry.getKey().name(), entry.getValue()[0], entry.getValue()[1], entry.getValue()[2]))
                .toList();
    }

    private void prepare(Collection<GgufTensor> model) {
        Set<GgmlType> missing = EnumSet.noneOf(GgmlType.class);
        missing.addAll(worthIt(model));
        missing.removeAll(measured.keySet());
        missing.removeAll(failed);
        long bytes = MEASURED_BYTES + threads * MEASURED_BYTES_OF_THREAD;
        if (missing.isEmpty()
                || loading > 0
                || !OpenHandles.names().isEmpty()
                || bytes > MemoryBudget.availableBytes() / SHARE_OF_MEMORY) {
            return;
        }
        try {
            file.locked(() -> {
                restore(); // another process may have been faster
                missing.removeAll(measured.keySet());
                file.write(measured); // what cannot be kept is not measured
                measureOnItsOwnThread(missing, bytes);
                file.write(measured);
            });
        } catch (IOException e) {
            // the defaults hold
        }
    }

    /** Types with kernels, of which the model has enough. */
    private static List<GgmlType> worthIt(Collection<GgufTensor> model) {
        Map<GgmlType, Long> bytes = model.stream()
                .collect(Collectors.groupingBy(GgufTensor::type, Collectors.summingLong(GgufTensor::byteSize)));
        return bytes.entrySet().stream()
                .filter(entry -> entry.getValue() >= LEAST_BYTES)
                .map(Map.Entry::getKey)
                .filter(KernelTuning::hasKernels)
                .toList();
    }

    private static boolean hasKernels(GgmlType type) {
        return Llama.kernelsThresholds(type.id())
                .map(all -> Arrays.stream(all).anyMatch(columns -> columns != Integer.MAX_VALUE))
                .orElse(false);
    }

    /** Since OpenMP keeps a team for each thread that computes. */
    private void measureOnItsOwnThread(Set<GgmlType> types, long bytes) {
        try {
            CompletableFuture.runAsync(
                            () -> types.forEach(type -> measure(type, bytes)),
                            task -> Thread.ofPlatform()
                                    .name("llamapanama-tuning")
                                    .daemon()
                                    .start(task))
                    .join();
        } catch (CompletionException | OutOfMemoryError e) { // no thread, or no memory
            failed.addAll(types);
        }
    }

    private void measure(GgmlType type, long bytes) {
        Optional<int[]> columns;
        try (Arena arena = Arena.ofConfined()) {
            columns = Llama.kernelsMeasure(type.id(), threads, bytes, new NativeError(arena));
        } catch (NativeCallException e) {
            columns = Optional.empty(); // the defaults hold
        }
        columns.ifPresentOrElse(found -> set(type, found), () -> failed.add(type));
    }

    private void set(GgmlType type, int[] columns) {
        Llama.kernelsSetThresholds(type.id(), columns);
        Map<GgmlType, int[]> more = new HashMap<>(measured);
        more.put(type, columns);
        measured = Map.copyOf(more);
    }
}
