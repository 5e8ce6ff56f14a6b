package dev.llamapanama.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** llama.cpp's vocabularies with texts and the tokens that they are cut into: {@code models/ggml-vocab-*.gguf}. */
final class TokenizerVectors {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    private TokenizerVectors() {}

    record Vector(String text, int[] tokens) {}

    /** The folder {@code models} of the sources in use: beside the native tools, of the last build, or of the submodule. */
    static Optional<Path> folder() throws IOException {
        List<@Nullable Path> candidates = new ArrayList<>();
        Path tools = Oracle.directory();
        if (tools != null) {
            candidates.add(tools.resolve("models"));
            candidates.add(tools.resolveSibling("models"));
        }
        Path source = Path.of("..", "bindings", "target", "cmake", "llama-cpp-dir.txt");
        if (Files.exists(source)) {
            candidates.add(Path.of(Files.readString(source).strip(), "models"));
        }
        String given = System.getProperty("llamapanama.llama.cpp.dir");
        if (given != null && !given.isEmpty()) {
            candidates.add(Path.of(given, "models"));
        }
        candidates.add(Path.of("..", "llama.cpp", "models"));
        for (Path candidate : candidates) {
            if (candidate != null && !vocabularies(candidate).isEmpty()) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Vocabularies of a folder that have test vectors. */
    static List<Path> vocabularies(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("ggml-vocab-.*\\.gguf"))
                    .filter(file -> Files.exists(beside(file, ".inp")) && Files.exists(beside(file, ".out")))
                    .sorted()
                    .toList();
        }
    }

    /** As {@code read_tests} of tests/test-tokenizer-0.cpp reads them. */
    static List<Vector> of(Path vocabulary) throws IOException {
        String input = Files.readString(beside(vocabulary, ".inp"), StandardCharsets.UTF_8);
        List<String> texts = new ArrayList<>();
        int at = 0;
        while (at < input.length()) {
            int end = input.indexOf(SEPARATOR, at);
            texts.add(end < 0 ? input.substring(at) : input.substring(at, end));
            at = end < 0 ? input.length() : end + SEPARATOR.length();
        }
        List<String> outputs = Files.readAllLines(beside(vocabulary, ".out"));
        if (texts.size() != outputs.size()) {
            throw new IOException(vocabulary + " has " + texts.size() + " texts but " + outputs.size() + " results");
        }
        List<Vector> vectors = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            vectors.add(new Vector(texts.get(i), numbers(outputs.get(i), " +")));
        }
        return vectors;
    }

    /** The numbers in a line. */
    static int[] numbers(String line, String separator) {
        return line.isBlank()
                ? new int[0]
                : Arrays.stream(line.strip().split(separator))
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    private static Path beside(Path vocabulary, String suffix) {
        return vocabulary.resolveSibling(vocabulary.getFileName() + suffix);
    }
}
