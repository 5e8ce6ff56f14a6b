package dev.llamapanama.bench.model;

import dev.llamapanama.bench.launcher.CacheFolder;
import java.nio.file.Path;

/** Where large things that can be made again are kept; the same folder as for the native libraries. */
public final class UserCache {
    private UserCache() {}

    /**
     * The folder: the system property {@code llamapanama.cache}, the environment variable {@code LLAMAPANAMA_CACHE}, or
     * {@code llamapanama} in {@code XDG_CACHE_HOME} or {@code ~/.cache}.
     */
    public static Path directory() {
        return CacheFolder.path();
    }
}
