package dev.llamapanama.bench;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** llama.cpp's own tools, which {@code mvn -Poracle} builds. */
public final class Oracle {
    private Oracle() {}

    /** A tool; the test that asks is skipped where there are none. */
    public static Path tool(String name) {
        Path tool = directory().resolve(name);
        if (!Files.isExecutable(tool)) {
            abort("no " + name + " in " + tool.getParent() + "; mvn -Poracle builds it");
        }
        return tool;
    }

    private static Path directory() {
        String variable = System.getenv().getOrDefault("LLAMAPANAMA_ORACLE", "");
        if (!variable.isEmpty()) {
            return Path.of(variable);
        }
        Path file = Path.of(System.getProperty("llamapanama.oracle.properties", ""));
        Properties properties = new Properties();
        if (Files.isRegularFile(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        String directory = properties.getProperty("directory", "");
        if (directory.isEmpty()) {
            abort(
                    "llama.cpp's tools are not there; mvn -Poracle builds them, or LLAMAPANAMA_ORACLE names their folder");
        }
        return Path.of(directory);
    }
}
