package dev.llamapanama.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.examples.assistant.AssistantMain;
import dev.llamapanama.examples.coordinator.CoordinatorMain;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples on a model with random weights: they end, and say how. */
class ForgedModelTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private static String model() throws Exception {
        return new ForgeCache(Path.of("target", "models"))
                .get(TinyModels.llama())
                .toString();
    }

    private PrintStream out() {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    private PrintStream err() {
        return new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    @Test
    void theAssistantEndsAtItsLimits() throws Exception {
        int code = AssistantMain.run(
                new String[] {model(), folder.toString(), "What is 1 + 1?"}, Clock.systemUTC(), out(), err());
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isIn(0, 1);
        assertThat(out.toString(StandardCharsets.UTF_8)).isNotBlank();
        assertThat(code == 1).isEqualTo(out.toString(StandardCharsets.UTF_8).contains("no answer: "));
    }

    @Test
    void theCoordinatorsPlanFollowsItsSchemaOrIsRefused() throws Exception {
        int code = CoordinatorMain.run(new String[] {model(), "Add a --version option"}, out(), err());
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isIn(0, 1);
        if (code == 0) {
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("Plan: ");
        } else {
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .containsAnyOf("the answer ended before it was complete", "subtasks, not 1 to");
        }
    }
}
