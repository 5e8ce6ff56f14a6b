package dev.llamapanama.bench.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The git revision of a build: an abbreviated hash, with {@code -dirty} at the end where the work tree held changes that
 * are in no commit, or {@code unknown} where there was no git.
 */
public final class Commit {
    public static final String UNKNOWN = "unknown";

    private static final String DIRTY = "-dirty";

    private Commit() {}

    /** That of the classes that run. */
    static String ofThisBuild() {
        try (InputStream in = Commit.class.getResourceAsStream("git.properties")) {
            return read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what git-commit-id-maven-plugin wrote; it writes nothing where there is no git. */
    static String read(@Nullable InputStream properties) throws IOException {
        if (properties == null) {
            return UNKNOWN;
        }
        Properties git = new Properties();
        git.load(properties);
        String hash = git.getProperty("git.commit.id.abbrev", "");
        if (hash.isBlank()) {
            return UNKNOWN;
        }
        return Boolean.parseBoolean(git.getProperty("git.dirty")) ? hash + DIRTY : hash;
    }

    /** Whether a build of this revision can be made again. */
    public static boolean isClean(String commit) {
        return !commit.isBlank() && !commit.equals(UNKNOWN) && !commit.endsWith(DIRTY);
    }
}
