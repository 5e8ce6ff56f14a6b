package dev.llamapanama.bench.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * An installed Java runtime.
 *
 * @param path its home, the folder above {@code bin}
 * @param version as in its {@code release} file: {@code 25.0.3}
 */
record JavaHome(Path path, Runtime.Version version) {

    /** Reads a home's {@code release} file; empty if the folder is no home of a Java runtime. */
    static Optional<JavaHome> read(Path path) {
        Path release = path.resolve("release");
        if (!Files.isRegularFile(release) || !Files.isExecutable(path.resolve("bin/java"))) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(release)) {
            properties.load(in);
            String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
            return Optional.of(new JavaHome(path, Runtime.Version.parse(version)));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // Java 8 writes 1.8.0_402, which is no version of today's form, and too old anyway
        }
    }

    /** The program that starts this runtime. */
    Path java() {
        return path.resolve("bin/java");
    }

    /** 25 for {@code 25.0.3}. */
    int feature() {
        return version.feature();
    }
}
