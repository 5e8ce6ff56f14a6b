package dev.llamapanama.bench.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StreamsTestTest {
    private static final int MAX_STREAMS = 7;
    private static final int MAX_PROMPT = 60;
    private static final int MAX_GEN = 9;

    /** Batches and passes of every size cut the prompts at every place. */
    @Test
    void theTokensReportedAreThoseInMemory() {
        SplittableRandom random = new SplittableRandom(3);
        try (Model model = Model.load(TinyModel.file())) {
            for (int contexts = 0; contexts < 8; contexts++) {
                ContextOptions options = ContextOptions.builder()
                        .contextLength(MAX_STREAMS * (MAX_PROMPT + MAX_GEN))
                        .maxSequences(MAX_STREAMS)
                        .batchSize(random.nextInt(MAX_STREAMS, 100))
                        .ubatchSize(random.nextInt(1, 100))
                        .threads(1)
                        .batchThreads(1)
                        .build();
                try (StreamsTest running = new StreamsTest(model, options)) {
                    running.warmUp();
                    assertThat(running.tokensInMemory()).isEqualTo(16);
                    for (int cases = 0; cases < 8; cases++) {
                        check(running, random);
                    }
                }
            }
        }
    }

    private static void check(StreamsTest running, SplittableRandom random) {
        StreamsCase test = new StreamsCase(
                random.nextInt(1, MAX_PROMPT + 1),
                random.nextInt(1, MAX_GEN + 1),
                random.nextInt(1, MAX_STREAMS + 1),
                random.nextBoolean());
        int repetitions = random.nextInt(1, 3);
        int[] calls = new int[1];

        StreamsSamples samples = running.measure(test, repetitions, () -> calls[0]++);

        assertThat(running.tokensInMemory()).as(test.toString()).isEqualTo(test.kvTokens());
        assertThat(calls[0]).isEqualTo(repetitions);
        assertThat(samples.stepNanoseconds()).hasSize(repetitions * test.gen());
    }
}
