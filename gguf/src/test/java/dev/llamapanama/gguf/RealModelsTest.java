package dev.llamapanama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Models that llama.cpp loads must not be refused: those in {@code LLAMAPANAMA_MODELS} (a list of folders), in
 * {@code ../shared/models}, and the vocabularies among llama.cpp's own sources. Skipped where there are none.
 */
class RealModelsTest {
    @Test
    void noneIsRefused() throws IOException {
        List<Path> models = models();
        assumeFalse(models.isEmpty(), "no folder with models");
        for (Path model : models) {
            List<GgufFile> parts = GgufParts.open(model);
            GgufFile first = parts.getFirst();
            boolean vocabularyOnly =
                    parts.stream().allMatch(part -> part.tensors().isEmpty());
            assertThat(vocabularyOnly ? GgufModelCheck.vocabularyProblems(first) : GgufModelCheck.problems(parts))
                    .as(model.toString())
                    .isEmpty();
        }
    }

    private static List<Path> models() {
        List<Path> folders = new ArrayList<>(
                List.of(Path.of("../shared/models"), Path.of("../../shared/models"), Path.of("../llama.cpp/models")));
        String listed = System.getenv("LLAMAPANAMA_MODELS");
        if (listed != null) {
            Stream.of(listed.split(File.pathSeparator))
                    .filter(folder -> !folder.isBlank())
                    .map(Path::of)
                    .forEach(folders::add);
        }
        return folders.stream()
                .filter(Files::isDirectory)
                .flatMap(RealModelsTest::models)
                .toList();
    }

    private static Stream<Path> models(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".gguf"))
                    .filter(file -> !file.toString().matches(".*-of-\\d{5}\\.gguf")
                            || file.toString().contains("-00001-of-"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
