package dev.llamapanama.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.MemoryEstimate;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.service.GenerationRequest;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceOptions;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void metersTellWhatTheServiceDid() throws Exception {
        Path file = new ForgeCache(Path.of("target", "models")).get(TinyModels.llama());
        ServiceMetrics metrics = new ServiceMetrics(registry);
        ServiceOptions options = ServiceOptions.builder()
                .context(ContextOptions.builder().contextLength(512).threads(1).build())
                .observers(metrics)
                .build();
        try (Model model = Model.load(file);
                InferenceService service = InferenceService.create(model, options)) {
            metrics.bind(service);
            int[] prompt = IntStream.range(10, 60).toArray();
            for (int i = 0; i < 2; i++) {
                service.submit(GenerationRequest.builder(prompt)
                                .options(GenerationOptions.builder()
                                        .maxTokens(5)
                                        .ignoreEndOfGeneration(true)
                                        .build())
                                .build())
                        .await();
            }
            assertThat(counter("llamacpp.tokens.predicted")).isEqualTo(10);
            assertThat(counter("llamacpp.prompt.tokens.cached")).isEqualTo(49);
            assertThat(counter("llamacpp.n.decode"))
                    .isEqualTo(service.statistics().steps());
            assertThat(counter("llamapanama.prefix.cache.hits")).isEqualTo(1);
            assertThat(registry.get("llamapanama.kv.tokens.capacity").gauge().value())
                    .isEqualTo(512);
            MemoryEstimate estimate = MemoryEstimate.of(file, options.context());
            assertThat(memory("weights")).isBetween((double) estimate.weightBytes(), (double) Files.size(file));
            assertThat(memory("context")).isEqualTo(estimate.contextBytes());
            assertThat(memory("compute")).isPositive();
            assertThat(registry.get("llamapanama.time.to.first.token").timer().count())
                    .isEqualTo(2);
            assertThat(registry.get("llamapanama.inter.token.latency").timer().count())
                    .isEqualTo(8);
            assertThat(registry.get("llamapanama.queue.time").timer().count()).isEqualTo(2);
            assertThat(registry.get("llamapanama.request.time")
                            .tag("reason", "max_tokens")
                            .timer()
                            .count())
                    .isEqualTo(2);
        }
    }

    private double memory(String kind) {
        return registry.get("llamapanama.native.memory")
                .tag("kind", kind)
                .gauge()
                .value();
    }

    private double counter(String name) {
        return registry.get(name).functionCounter().count();
    }
}
