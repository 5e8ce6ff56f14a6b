package dev.llamapanama.engine.service;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import java.nio.file.Path;
import java.time.Duration;

// What docs/service.md shows stands between the two marks, letter by letter; ServiceDocTest compares.
// docs/service.md begins
public class ServiceExample {
    public static void main(String[] args) throws Exception {
        ServiceOptions options = ServiceOptions.builder()
                .context(ContextOptions.builder().contextLength(16384).build()) // KV memory for all requests together
                .parallel(8)
                .build();
        try (Model model = Model.load(Path.of(args[0]));
                InferenceService service = InferenceService.create(model, options);
                GenerationHandle handle = service.submit(GenerationRequest.builder("Once upon a time")
                        .options(GenerationOptions.builder().maxTokens(64).build())
                        .timeout(Duration.ofSeconds(60))
                        .build())) {
            for (var event = handle.next(); event.isPresent(); event = handle.next()) {
                if (event.get() instanceof GenerationEvent.Generated generated) {
                    System.out.print(generated.piece().text());
                }
            }
        }
    }
}
// docs/service.md ends
