package dev.llamapanama.gguf.forge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgeCacheTest {
    @TempDir
    Path folder;

    @Test
    void makesEachModelOnce() throws IOException {
        ForgeCache cache = new ForgeCache(folder.resolve("models"));
        Path path = cache.get(TinyModels.llama());
        FileTime made = Files.getLastModifiedTime(path);
        assertThat(cache.get(TinyModels.llama())).isEqualTo(path);
        assertThat(Files.getLastModifiedTime(path)).isEqualTo(made);
        assertThat(cache.get(TinyModels.llama().withSeed(99))).isNotEqualTo(path);
        assertThat(GgufFile.open(path).architecture()).hasValue("llama");
    }

    @Test
    void manyThreadsGetOneFile() throws Exception {
        List<Future<Path>> paths = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                paths.add(threads.submit(() -> new ForgeCache(folder).get(TinyModels.qwen2())));
            }
        }
        for (Future<Path> path : paths) {
            assertThat(GgufFile.open(path.get()).fileSize()).isPositive();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            TinyModels.qwen2().fileName(), TinyModels.qwen2().fileName() + ".lock");
        }
    }
}
