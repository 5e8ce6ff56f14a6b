package dev.llamapanama.bench.launcher;

import java.nio.file.Path;
import java.util.stream.Stream;

/** The user's cache, where large things that can be made again are kept; the same folder as for the native libraries. */
public final class CacheFolder {
    private CacheFolder() {}

    /**
     * The folder: the system property {@code llamapanama.cache}, the environment variable {@code LLAMAPANAMA_CACHE}, or
     * {@code llamapanama} in {@code XDG_CACHE_HOME} or {@code ~/.cache}.
     */
    public static Path path() {
        String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return Stream.of(System.getProperty("llamapanama.cache"), System.getenv("LLAMAPANAMA_CACHE"))
                .filter(name -> name != null && !name.isEmpty())
                .map(Path::of)
                .findFirst()
                .orElse(caches.resolve("llamapanama"));
    }
}
