package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A generated token costs no memory on the Java heap. */
@ExtendWith(NoLeaks.class)
class TokenStreamAllocationTest {
    private static final int WINDOW = 1_000;
    private static final int MAX_WINDOWS = 30;

    @Test
    void aTokenAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(-1)
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
            long least = Long.MAX_VALUE;
            // until all is compiled: interpreted code and the compilers' own work allocate
            for (int window = 0; window < MAX_WINDOWS && least > 0; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < WINDOW; i++) {
                    stream.nextToken();
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).as("bytes for " + WINDOW + " tokens").isZero();
        }
    }
}
