package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds, checks and loads the native libraries; once per process, and never unloads them (ggml keeps threads and
 * process-wide state).
 *
 * <p>Taken from the directory in the system property {@value #DIRECTORY_PROPERTY} if it is set, else from this module's
 * jar ({@code META-INF/native/<os>-<arch>/}), which {@link NativeExtraction} unpacks. In this order: the file
 * {@code native.properties}, the CPU's features, the libraries, llama.cpp's version, the version of the shim's interface,
 * the layout of every struct that crosses the boundary, the ggml backends.
 *
 * <p>Thread-safe. A failure is remembered and thrown again.
 */
public final class NativeLibrary {
    /** System property: a directory that holds the libraries and their {@code native.properties}. */
    public static final String DIRECTORY_PROPERTY = "llamapanama.native.dir";

    /** System property: {@code on} (the default) or {@code off} for our own matrix kernels. */
    public static final String KERNELS_PROPERTY = "llamapanama.kernels";

    private static final String KERNELS_FILE = "libggml-llamapanama.so";

    /** The llama.cpp release that the generated bindings are made from. */
    static final String LLAMA_CPP_VERSION = "0.5.0";

    private static final Object LOCK = new Object();
    private static @Nullable NativeLibrary loaded; // guarded by LOCK
    private static @Nullable String failure; // why the first attempt failed; guarded by LOCK

    private final Path directory;
    private final Properties properties;
    private final boolean kernelsWanted;

    private NativeLibrary(Path directory, Properties properties, boolean kernelsWanted) {
        this.directory = directory;
        this.properties = properties;
        this.kernelsWanted = kernelsWanted;
    }

    /**
     * Loads the libraries, or returns at once when they are loaded.
     *
     * @throws NativeLoadException if they cannot be used on this machine
     */
    public static NativeLibrary load() {
        synchronized (LOCK) {
            if (failure != null) {
                throw new NativeLoadException(failure);
            }
            if (loaded == null) {
                try {
                    loaded = loadOnce();
                } catch (RuntimeException e) {
                    failure = String.valueOf(e.getMessage());
                    throw e;
                }
            }
            return loaded;
        }
    }

    /** Where the libraries were loaded from. */
    public Path directory() {
        return directory;
    }

    /** The user's directory for what llamapanama keeps; it need not exist. */
    public static Path cache() {
        return NativeExtraction.cache();
    }

    /** A line of {@code native.properties}: {@code profile}, {@code cpu.features}, {@code compiler}, {@code openmp}, …. */
    public String property(String key) {
        return properties.getProperty(key, "");
    }

    private static NativeLibrary loadOnce() {
        String chosen = System.getProperty(DIRECTORY_PROPERTY, "");
        if (!chosen.isEmpty()) {
            Path directory = Path.of(chosen).toAbsolutePath();
            Properties properties = readProperties(directory);
            prepare(properties, directory.toString());
            loadLibraries(directory, properties);
            return finish(directory, properties);
        }
        String platform = platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        URL resource = NativeLibrary.class.getResource("/META-INF/native/" + platform + "/native.properties");
        if (resource == null) {
            throw new NativeLoadException("This jar holds no native libraries for " + platform
                    + ". Build llamapanama on such a machine (mvn install), or set -D" + DIRECTORY_PROPERTY
                    + "=DIR to a directory that holds them.");
        }
        Properties properties = readProperties(resource);
        prepare(properties, "the jar");
        if (resource.getProtocol().equals("file")) {
            Path directory = Path.of(URI.create(resource.toString())).getParent();
            loadLibraries(directory, properties);
            return finish(directory, properties);
        }
        return finish(loadExtracted(resource, properties), properties);
    }

    private static Path loadExtracted(URL resource, Properties properties) {
        List<String> tried = new ArrayList<>();
        List<Function<Properties, NativeExtraction.Target>> places =
                List.of(NativeExtraction::inCache, NativeExtraction::inTemporaryDirectory);
        for (Function<Properties, NativeExtraction.Target> place : places) {
            NativeExtraction.Target target = place.apply(properties);
            Path directory;
            try {
                directory = target.extract(resource, files(properties));
            } catch (IOException | UncheckedIOException e) {
                tried.add(target + ": " + e);
                continue;
            }
            try {
                loadLibraries(directory, properties);
                return directory;
            } catch (NativeLoadException e) {
                tried.add(target + ": " + e.getMessage()); // a noexec mount shows here, before anything was loaded
                if (isLoaded(properties, directory)) {
                    throw e;
                }
            }
        }
        throw new NativeLoadException("The native libraries could not be unpacked and loaded. Tried:\n  "
                + String.join("\n  ", tried)
                + "\nGive llamapanama a writable directory on a file system that allows execution: -D"
                + NativeExtraction.CACHE_PROPERTY + "=DIR or the environment variable "
                + NativeExtraction.CACHE_VARIABLE + ".");
    }

    /** Whether the first library is in this process already; then another directory must not be tried. */
    private static boolean isLoaded(Properties properties, Path directory) {
        String first = list(properties, "load").getFirst();
        try {
            return Files.readString(Path.of("/proc/self/maps"))
                    .contains(directory.resolve(first).toString());
        } catch (IOException e) {
            return false;
        }
    }

    private static void prepare(Properties properties, String origin) {
        String version = properties.getProperty("llama.cpp.version", "unknown");
        if (!version.equals(LLAMA_CPP_VERSION)) {
            throw new NativeLoadException("The native libraries in %s are llama.cpp %s; these bindings are for %s. "
                            .formatted(origin, version, LLAMA_CPP_VERSION)
                    + "Use libraries and jars of one build.");
        }
        Optional<CpuFeatures> cpu = CpuFeatures.ofThisMachine();
        if (cpu.isPresent()) {
            checkCpu(cpu.get(), list(properties, "cpu.features"), origin);
        }
    }

    static void checkCpu(CpuFeatures cpu, List<String> required, String origin) {
        Set<String> missing = cpu.missing(required);
        if (!missing.isEmpty()) {
            throw new NativeLoadException("The native libraries in " + origin + " need CPU features that this machine "
                    + "lacks: " + String.join(", ", missing) + ". Build on this machine, or build once for all with "
                    + "-Dllamapanama.natives=portable.");
        }
    }

    private static void loadLibraries(Path directory, Properties properties) {
        for (String name : list(properties, "load")) {
            Path file = directory.resolve(name);
            if (!Files.isReadable(file)) {
                throw new NativeLoadException(file + " is missing or not readable; build again (mvn install), or set -D"
                        + DIRECTORY_PROPERTY + " to a complete directory.");
            }
            try {
                System.load(file.toString());
            } catch (UnsatisfiedLinkError e) {
                throw new NativeLoadException(file + " cannot be loaded: " + e.getMessage() + ". " + remedy(e), e);
            }
        }
    }

    private static String remedy(UnsatisfiedLinkError error) {
        String message = String.valueOf(error.getMessage());
        if (message.contains("already loaded in another classloader")) {
            return "Put llamapanama into one class loader that all users share.";
        }
        if (message.contains("failed to map segment")) {
            return "The directory is on a file system mounted noexec; choose another one.";
        }
        if (message.contains("GLIBC")) {
            return "The libraries were built on a newer Linux; build on this one or on an older one.";
        }
        return "Build the libraries on this machine (mvn install).";
    }

    @SuppressWarnings("JdkObsolete") // a StringBuffer because the log may come from any thread
    private static NativeLibrary finish(Path directory, Properties properties) {
        String version = Llama.version();
        // a build outside a release says 0.5.0-dev
        if (!version.equals(LLAMA_CPP_VERSION) && !version.startsWith(LLAMA_CPP_VERSION + "-")) {
            throw new NativeLoadException("%s is llama.cpp %s; these bindings are for %s. Regenerate the bindings "
                            .formatted(directory.resolve("libllama.so"), version, LLAMA_CPP_VERSION)
                    + "(bindings/jextract/generate.sh) or use libraries of that version.");
        }
        checkInterface(Llama.interfaceVersion(), directory);
        LinkAhead.start();
        checkAbi(AbiCheck.ofLoadedLibrary(), directory);
        // what ggml says while it loads backends matters only if nothing can be loaded
        StringBuffer log = new StringBuffer();
        Llama.setLog(LlamaConstants.GGML_LOG_LEVEL_WARN, (level, text) -> log.append(text));
        boolean kernelsWanted = kernelsWanted();
        if (initBackends(directory, kernels(directory, properties, kernelsWanted), log) == 0) {
            throw new NativeLoadException(
                    "No CPU backend of ggml in " + directory + " fits this machine. Build on this "
                            + "machine, or build once for all with -Dllamapanama.natives=portable. " + log);
        }
        return new NativeLibrary(directory, properties, kernelsWanted);
    }

    private static int initBackends(Path directory, Optional<Path> kernels, CharSequence log) {
        try {
            return Llama.backendInit(directory, kernels);
        } catch (NativeCallException e) {
            throw new NativeLoadException(
                    "The libraries in " + directory + " cannot be used: " + e.nativeMessage() + ". " + log, e);
        }
    }

    private static Optional<Path> kernels(Path directory, Properties properties, boolean wanted) {
        return wanted && list(properties, "files").contains(KERNELS_FILE)
                ? Optional.of(directory.resolve(KERNELS_FILE))
                : Optional.empty();
    }

    static boolean kernelsWanted() {
        String value = System.getProperty(KERNELS_PROPERTY, "on");
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new NativeLoadException("-D" + KERNELS_PROPERTY + "=" + value + " is neither on nor off.");
        };
    }

    /** Why our own kernels were not loaded; empty if they were. */
    public Optional<String> kernelsLeftOut() {
        if (!kernelsWanted) {
            return Optional.of("switched off by -D" + KERNELS_PROPERTY + "=off");
        }
        return list(properties, "files").contains(KERNELS_FILE)
                ? Optional.empty()
                : Optional.of("not in this build: they are for x86-64 with OpenMP");
    }

    static void checkInterface(int version, Path directory) {
        if (version != LlamaH.LLAMAPANAMA_INTERFACE_VERSION()) {
            throw new NativeLoadException(
                    "%s is of another build of llamapanama than these bindings: its interface has "
                                    .formatted(directory.resolve("libllamapanama.so"))
                            + "version %d, and the bindings need %d. Use libraries and jars of one build."
                                    .formatted(version, LlamaH.LLAMAPANAMA_INTERFACE_VERSION()));
        }
    }

    static void checkAbi(List<AbiCheck.Layout> compiled, Path directory) {
        List<String> differences = AbiCheck.differences(compiled);
        if (!differences.isEmpty()) {
            throw new NativeLoadException("The libraries in " + directory + " lay out structs unlike the bindings:\n  "
                    + String.join("\n  ", differences)
                    + "\nRegenerate the bindings (bindings/jextract/generate.sh) or use libraries of the same build.");
        }
    }

    /** {@code <os>-<arch>} as the jar names it. */
    static String platform(String os, String arch) {
        String cpu = switch (arch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default ->
                throw new NativeLoadException("llamapanama runs on x86-64 and aarch64; this JVM is for " + arch + ".");
        };
        if (!os.toLowerCase(Locale.ROOT).startsWith("linux")) {
            throw new NativeLoadException("llamapanama runs on Linux; this is " + os + ".");
        }
        return "linux-" + cpu;
    }

    private static Properties readProperties(Path directory) {
        Path file = directory.resolve("native.properties");
        if (!Files.isRegularFile(file)) {
            throw new NativeLoadException(file + " does not exist. -D" + DIRECTORY_PROPERTY
                    + " must name a directory that holds the libraries of one build.");
        }
        try {
            return readProperties(file.toUri().toURL());
        } catch (IOException e) {
            throw new NativeLoadException(file + " cannot be read: " + e, e);
        }
    }

    private static Properties readProperties(URL url) {
        Properties properties = new Properties();
        try (InputStream in = url.openStream()) {
            properties.load(in);
        } catch (IOException e) {
            throw new NativeLoadException(url + " cannot be read: " + e, e);
        }
        return properties;
    }

    private static List<String> files(Properties properties) {
        List<String> files = new ArrayList<>(list(properties, "files"));
        files.add("native.properties");
        return files;
    }

    static List<String> list(Properties properties, String key) {
        String value = properties.getProperty(key, "").strip();
        return value.isEmpty() ? List.of() : List.of(value.split("\\s*,\\s*"));
    }
}
