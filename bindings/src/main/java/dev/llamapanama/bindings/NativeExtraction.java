package dev.llamapanama.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Unpacks the libraries of the jar into a directory named by their content hash. Files are written beside it and the
 * directory appears by one rename, so that several JVMs may do this at once and a killed one leaves nothing half-made.
 */
final class NativeExtraction {
    /** System property: the cache directory. */
    static final String CACHE_PROPERTY = "llamapanama.cache";

    /** Environment variable: the cache directory. */
    static final String CACHE_VARIABLE = "LLAMAPANAMA_CACHE";

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private NativeExtraction() {}

    /** A place to unpack to. */
    record Target(Path directory, boolean temporary) {
        Path extract(URL properties, List<String> files) throws IOException {
            if (isComplete()) {
                return directory;
            }
            Path parent = temporary
                    ? Files.createDirectory(directory.getParent(), PRIVATE)
                    : Files.createDirectories(directory.getParent());
            Path work = Files.createTempDirectory(
                    parent,
                    ".tmp-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                for (String name : files) {
                    try (InputStream in = sibling(properties, name).openStream()) {
                        Files.copy(in, work.resolve(name));
                    }
                }
                try {
                    Files.move(work, directory, StandardCopyOption.ATOMIC_MOVE);
                } catch (FileSystemException e) {
                    if (!isComplete()) {
                        throw e;
                    }
                    // another JVM was faster; the content is the same
                }
                if (temporary) {
                    deleteOnExit(directory, files);
                }
                return directory;
            } finally {
                delete(work);
            }
        }

        private boolean isComplete() {
            return Files.isRegularFile(directory.resolve("native.properties"));
        }

        private static URL sibling(URL properties, String name) throws IOException {
            String text = properties.toString();
            return URI.create(text.substring(0, text.lastIndexOf('/') + 1) + name)
                    .toURL();
        }

        private static void delete(Path directory) throws IOException {
            if (!Files.exists(directory)) {
                return;
            }
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }

        private static void deleteOnExit(Path directory, List<String> files) {
            directory.getParent().toFile().deleteOnExit(); // runs in reverse order of registration
            directory.toFile().deleteOnExit();
            for (String name : files) {
                directory.resolve(name).toFile().deleteOnExit();
            }
        }

        @Override
        public String toString() {
            return directory.toString();
        }
    }

    /** The best place: the cache that was asked for, or the user's. */
    static Target inCache(Properties properties) {
        return new Target(cache().resolve("lib").resolve(name(properties)), false);
    }

    /** The second best: a private temporary directory. Made only if it comes to that, as a safe random name takes time. */
    static Target inTemporaryDirectory(Properties properties) {
        // a name that nobody can have made before
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "llamapanama-" + UUID.randomUUID());
        return new Target(temporary.resolve(name(properties)), true);
    }

    private static String name(Properties properties) {
        String hash = properties.getProperty("sha256", "");
        if (hash.length() < 16) {
            throw new NativeLoadException(
                    "native.properties in the jar has no sha256; the jar is damaged, build again.");
        }
        return hash.substring(0, 16);
    }

    /** The user's cache directory for llamapanama. */
    static Path cache() {
        String property = System.getProperty(CACHE_PROPERTY, "");
        String variable = System.getenv().getOrDefault(CACHE_VARIABLE, "");
        String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        if (!property.isEmpty()) {
            return Path.of(property).toAbsolutePath();
        }
        if (!variable.isEmpty()) {
            return Path.of(variable).toAbsolutePath();
        }
        return xdg.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "llamapanama")
                : Path.of(xdg, "llamapanama").toAbsolutePath();
    }
}
