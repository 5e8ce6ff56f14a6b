package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The chat templates in the sources of llama.cpp that the native libraries were built from. */
final class Templates {
    static final String BOS = "<s>";
    static final String EOS = "</s>";

    private Templates() {}

    /** All of them; names end with .jinja. */
    static List<Path> all() {
        Path sources = Path.of("..", "bindings", "target", "cmake", "llama-cpp-dir.txt");
        try {
            Path folder = Path.of(Files.readString(sources).strip(), "models", "templates");
            try (Stream<Path> files = Files.list(folder)) {
                List<Path> found = files.filter(file -> file.toString().endsWith(".jinja"))
                        .sorted()
                        .toList();
                assertThat(found).hasSizeGreaterThan(50);
                return found;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String source(Path template) {
        try {
            return Files.readString(template);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String name(Path template) {
        return template.getFileName().toString().replace(".jinja", "");
    }
}
