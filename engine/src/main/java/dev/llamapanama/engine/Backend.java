package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeLibrary;
import dev.llamapanama.bindings.NativeLoadException;
import dev.llamapanama.engine.internal.CpuTopology;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.gguf.GgufTensor;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * llama.cpp in this process: its libraries, the CPU variant that was chosen, its log. Loaded by the first
 * {@link Model#load} at the latest and never unloaded. Thread-safe.
 */
public final class Backend {
    private static volatile @Nullable Backend instance; // written under the class lock
    private static final Object LOG = new Object();
    private static LogLevel logLevel = LogLevel.WARN; // guarded by LOG
    private static LogHandler logHandler = LogHandler.DEFAULT; // guarded by LOG

    private final NativeLibrary library;
    private final Optional<KernelTuning> tuning; // empty without kernels, or where it is not wanted
    private @Nullable List<String> description; // guarded by this
    private @Nullable NumaStrategy numa; // guarded by this
    private boolean modelLoaded; // guarded by this

    private Backend(NativeLibrary library) {
        this.library = library;
        this.tuning =
                KernelTuning.wanted() && library.kernelsLeftOut().isEmpty() ? Optional.of(tuning()) : Optional.empty();
        tuning.ifPresent(KernelTuning::restore);
    }

    /**
     * Loads the native libraries, or returns at once when they are loaded ({@code llama_backend_init}).
     *
     * @throws NativeLibraryException if they cannot be used on this machine
     */
    public static synchronized Backend load() {
        if (instance == null) {
            try {
                NativeLibrary library = NativeLibrary.load();
                route();
                LogRouter.install();
                instance = new Backend(library);
            } catch (NativeLoadException | NativeCallException e) {
                throw new NativeLibraryException(String.valueOf(e.getMessage()), e);
            }
        }
        return instance;
    }

    /** Loads the native libraries on another thread; {@link #load()} waits for it, and says what it failed of. */
    static void loadAhead() {
        if (instance != null) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        load();
                    } catch (NativeLibraryException e) {
                        // remembered, and thrown to whoever needs the libraries
                    }
                },
                "llamapanama-load");
        thread.setDaemon(true);
        thread.start();
    }

    /** Version of llama.cpp, as "0.5.0" ({@code llama_version}). */
    public String llamaCppVersion() {
        return Llama.version();
    }

    /** Git tree of the llama.cpp sources that the libraries were compiled from. */
    public String llamaCppTree() {
        return Llama.llamaCppTree();
    }

    /** How the libraries were built: {@code host} (for one machine) or {@code portable}. */
    public String profile() {
        return library.property("profile");
    }

    /** Where the libraries were loaded from. */
    public Path directory() {
        return library.directory();
    }

    /** File name of the library with the CPU kernels that was chosen for this machine. */
    public String cpuLibrary() {
        return values("library").stream()
                .map(path -> String.valueOf(Path.of(path).getFileName()))
                .findFirst()
                .orElse("unknown");
    }

    /** CPU features that the kernels use, as "AVX512" or, where it is more than yes or no, "SVE_CNT=32". */
    public List<String> features() {
        return values("feature").stream()
                .map(feature -> feature.endsWith("=1") ? feature.substring(0, feature.length() - 2) : feature)
                .toList();
    }

    private KernelTuning tuning() {
        int threads = defaultThreads();
        String cpu = values("device").stream()
                .filter(device -> device.startsWith("CPU "))
                .map(device -> device.substring(device.indexOf(": ") + 2))
                .findFirst()
                .orElse("unknown");
        String kernels = String.join(" ", values("kernels"));
        return new KernelTuning(
                new KernelTuningFile(NativeLibrary.cache(), library.property("sha256"), cpu, kernels, threads),
                threads);
    }

    /** Devices that can compute, as "CPU CPU: AMD EPYC 9354 32-Core Processor". */
    public List<String> devices() {
        return values("device");
    }

    /**
     * Our own matrix kernels, and how many operations they have computed in this process. The system property {@code
     * llamapanama.kernels}, {@code on} or {@code off}, is heard when the libraries are loaded; so is {@code
     * llamapanama.kernels.tuning}, {@code on} or, for fixed thresholds, {@code off}.
     */
    public KernelStatus kernels() {
        List<String> lines = Llama.describe().lines().toList();
        Optional<String> kernels = values(lines, "kernels").stream().findFirst();
        if (kernels.isEmpty()) {
            return new KernelStatus(false, library.kernelsLeftOut().orElse("none for this CPU"), 0, List.of());
        }
        return new KernelStatus(
                true,
                kernels.get(),
                Long.parseLong(values(lines, "operations").getFirst()),
                tuning.map(KernelTuning::thresholds).orElse(List.of()));
    }

    /** Whether threads come from OpenMP; else from ggml's own pool. */
    public boolean openMp() {
        return features().contains("OPENMP");
    }

    /**
     * Sets the NUMA strategy of the process ({@code llama_numa_init}); once, and before the first model is loaded.
     *
     * @throws IllegalStateException if it is too late, or another strategy was set
     */
    public synchronized void numa(NumaStrategy strategy) {
        if (numa == strategy) {
            return;
        }
        if (numa != null) {
            throw new IllegalStateException("the NUMA strategy of this process is " + numa + " and cannot be changed");
        }
        if (modelLoaded) {
            throw new IllegalStateException("the NUMA strategy must be set before the first model is loaded");
        }
        Llama.numaInit(strategy.value());
        numa = strategy;
    }

    synchronized void modelIsLoaded() {
        modelLoaded = true;
    }

    /** Has the kernels measured for what a model holds, if they have not been on this machine; then loads it. */
    <T> T load(Collection<GgufTensor> model, Supplier<T> load) {
        return tuning.isPresent() ? tuning.get().load(model, load) : load.get();
    }

    /**
     * Threads that a context computes with unless told otherwise: the physical cores, or fewer where this process may not
     * use them all.
     */
    public static int defaultThreads() {
        return CpuTopology.physicalCores();
    }

    /** Which lines of llama.cpp's log are delivered, process-wide; {@link LogLevel#WARN} and worse by default. */
    public static void logLevel(LogLevel minimum) {
        synchronized (LOG) {
            logLevel = minimum;
            route();
        }
    }

    /** Who hears llama.cpp's log, process-wide; by default {@link LogHandler#DEFAULT}. */
    public static void logHandler(LogHandler handler) {
        synchronized (LOG) {
            logHandler = handler;
            route();
        }
    }

    private static void route() {
        synchronized (LOG) {
            LogHandler handler = logHandler;
            LogRouter.deliver(logLevel.value(), (level, line) -> handler.log(LogLevel.of(level), line));
        }
    }

    private synchronized List<String> values(String key) {
        if (description == null) {
            description = Llama.describe().lines().toList();
        }
        return values(description, key);
    }

    private static List<String> values(List<String> description, String key) {
        String prefix = key + "\t";
        return description.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }
}
