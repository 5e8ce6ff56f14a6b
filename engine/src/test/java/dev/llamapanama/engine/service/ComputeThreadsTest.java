package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ComputeThreadsTest {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final String NAME = "llamapanama-dec"; // as much of it as Linux keeps; OpenMP's threads inherit it

    /** Else computing in other contexts would be slow. */
    @Test
    void anIdleServiceKeepsNoComputeThreads() throws InterruptedException {
        assumeTrue(Files.isDirectory(TASKS) && Backend.load().openMp());
        ServiceOptions options = ServiceOptions.builder()
                .context(Services.context(512).threads(3).build())
                .build();
        try (Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(model, options)) {
            GenerationHandle handle = service.submit(Services.request(Services.prompt(1, 20), 400));
            waitFor(3); // while it generates, which takes some tenths of a second
            GenerationResult first = handle.await().getFirst();
            waitFor(1);

            GenerationResult second = service.submit(Services.request(Services.prompt(1, 20), 400))
                    .await()
                    .getFirst();
            assertThat(second.tokens()).isEqualTo(first.tokens());
        }
    }

    private static void waitFor(int threads) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        long now = threads();
        while (now != threads && Instant.now().isBefore(end)) {
            Thread.sleep(2);
            now = threads();
        }
        assertThat(now).isEqualTo(threads);
    }

    private static long threads() {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.filter(task -> name(task).equals(NAME)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }
}
