package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.Context;
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

    private volatile long most; // threads, after a step

    /** Else computing in other contexts would be slow. */
    @Test
    void anIdleServiceBesideAnotherContextKeepsNoComputeThreads() throws InterruptedException {
        assumeTrue(Files.isDirectory(TASKS) && Backend.load().openMp() && Llama.releaseThreads());
        try (Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(model, options(), this::decode)) {
            GenerationResult first = ask(service, "first");
            assertThat(most).isEqualTo(3);
            Thread.sleep(100);
            assertThat(threads()).as("alone they are kept").isEqualTo(3);

            try (Context other = model.newContext()) {
                waitFor(1);
                most = 0;
                assertThat(ask(service, "second").tokens()).isEqualTo(first.tokens());
                assertThat(most).isEqualTo(3);
                waitFor(1);
                assertThat(other.model()).isSameAs(model);
            }
        }
    }

    private static ServiceOptions options() {
        return ServiceOptions.builder()
                .context(Services.context(512).threads(3).build())
                .build();
    }

    private void decode(Context context) {
        context.decode();
        most = Math.max(most, threads());
    }

    private static GenerationResult ask(InferenceService service, String salt) {
        return service.submit(GenerationRequest.builder(Services.prompt(1, 20))
                        .options(Services.greedy(20))
                        .cacheSalt(salt) // so that the second one is computed as the first
                        .build())
                .await()
                .getFirst();
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
