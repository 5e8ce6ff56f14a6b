package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class JfrObserverTest {
    @TempDir
    private Path folder;

    @Test
    void aRecordingHasStepsAndRequests() throws Exception {
        Path file = folder.resolve("recording.jfr");
        long steps;
        try (Recording recording = new Recording();
                Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(
                        model,
                        Services.options(512).observers(new JfrObserver()).build())) {
            recording.enable("dev.llamapanama.Step");
            recording.enable("dev.llamapanama.Request");
            recording.start();
            service.submit(Services.request(Services.prompt(1, 30), 5)).await();
            Services.waitUntil(() -> service.health().running() == 0);
            recording.stop();
            recording.dump(file);
            steps = service.statistics().steps();
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().equals("dev.llamapanama.Step")))
                .hasSize((int) steps)
                .allMatch(event -> event.getDuration("elapsed").isPositive());
        assertThat(events.stream()
                        .filter(event -> event.getEventType().getName().equals("dev.llamapanama.Request")))
                .singleElement()
                .matches(event ->
                        event.getString("reason").equals("MAX_TOKENS") && event.getInt("generatedTokens") == 5);
    }
}
