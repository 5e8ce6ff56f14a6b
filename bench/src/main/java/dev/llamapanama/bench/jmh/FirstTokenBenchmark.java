package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.TokenStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/**
 * Time to first token (TTFT): from a prompt of 128 tokens to the first token of the answer, with an empty prompt cache. It
 * is the prefill, one sampling, and making a sampler.
 *
 * <p>With a model of your own: {@code -Djmh.args="FirstToken -p model=model.gguf -r 10"}.
 */
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class FirstTokenBenchmark extends SteadyState {
    private static final int PROMPT = 128;

    private final GenerationOptions options = GenerationOptions.builder()
            .sampler(SamplerOptions.builder().seed(1).build())
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

    /** Prompt to token. */
    @Benchmark
    public int firstToken() {
        generator.clear();
        try (TokenStream stream = generator.tokens(prompt, options)) {
            return stream.nextToken();
        }
    }
}
