package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/**
 * Tokens per second of a whole answer: 16 tokens of prompt, 128 of text, cut into pieces at the borders of characters. What
 * is allocated is that text.
 *
 * <p>With a model of your own: {@code -Djmh.args="Generation -p model=model.gguf -r 10"}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class GenerationBenchmark extends SteadyState {
    private static final int PROMPT = 16;
    private static final int TOKENS = 128;

    private final GenerationOptions options = GenerationOptions.builder()
            .sampler(SamplerOptions.builder().seed(1).build())
            .maxTokens(TOKENS)
            .ignoreEndOfGeneration(true)
            .build();
    private TextGenerator generator;
    private int[] prompt;

    /** Makes the prompt. */
    @Setup(Level.Trial)
    public void open(ChosenModel chosen) {
        generator = chosen.generator();
        prompt = chosen.prompt(PROMPT);
    }

    /** One token of an answer. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public GenerationResult token() {
        return generator.complete(prompt, options);
    }
}
