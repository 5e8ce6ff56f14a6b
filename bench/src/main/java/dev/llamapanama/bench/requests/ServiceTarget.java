package dev.llamapanama.bench.requests;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Piece;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.GenerationEvent;
import dev.llamapanama.engine.service.GenerationHandle;
import dev.llamapanama.engine.service.GenerationRequest;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceOptions;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;

/** The engine's service in this JVM. */
final class ServiceTarget implements Target {
    private final Model model;
    private final InferenceService service;

    ServiceTarget(Setup setup) {
        model = Model.load(setup.model());
        try {
            service = InferenceService.create(
                    model,
                    ServiceOptions.builder()
                            .context(setup.context())
                            .parallel(setup.parallel())
                            .promptLookup(false) // the server does nothing like it unless told to
                            .build());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    @Override
    public Timeline answer(int[] prompt, int gen, boolean reuse, Listener listener) throws InterruptedException {
        GenerationRequest.Builder request = GenerationRequest.builder(prompt)
                .options(GenerationOptions.builder()
                        .sampler(SamplerOptions.greedy())
                        .maxTokens(gen)
                        .ignoreEndOfGeneration(true)
                        .build());
        if (!reuse) {
            request.cacheSalt(UUID.randomUUID().toString());
        }
        LongStream.Builder times = LongStream.builder();
        long begin = System.nanoTime();
        int count = 0;
        try (GenerationHandle handle = service.submit(request.build())) {
            Optional<GenerationEvent> event = handle.next();
            while (event.isPresent()) {
                if (event.get() instanceof GenerationEvent.Generated generated
                        && generated.piece().token() != Piece.NO_TOKEN) {
                    times.add(System.nanoTime());
                    listener.token(count++);
                }
                event = handle.next();
            }
        }
        return new Timeline(begin, times.build().toArray());
    }

    @Override
    public void close() {
        service.close();
        model.close();
    }
}
