package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A generated token costs no memory on the Java heap. */
@ExtendWith(NoLeaks.class)
class TokenStreamAllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 2_000;

    @Test
    void aTokenAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(WARM_UP + MEASURED + 1)
                .sampler(SamplerOptions.builder()
                        .seed(1)
                        .penalties(Penalties.repeat(1.1f))
                        .build())
                .ignoreEndOfGeneration(true)
                .contextShift(true)
                .build();
        try (Model model = Model.load(Models.llama());
                TextGenerator generator = TextGenerator.create(
                        model,
                        ContextOptions.builder().contextLength(256).threads(1).build());
                TokenStream stream = generator.tokens(Models.tokens(10), options)) {
            for (int i = 0; i < WARM_UP; i++) { // until it is all compiled
                stream.nextToken();
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < MEASURED; i++) {
                stream.nextToken();
            }
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(bytes)
                    .as("bytes for " + MEASURED + " tokens")
                    .isLessThan(MEASURED); // the measurement takes a few itself
        }
    }
}
