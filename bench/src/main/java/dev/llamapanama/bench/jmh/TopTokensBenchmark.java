package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.TokenLogprobs;
import dev.llamapanama.engine.TokenStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the log-probabilities of the 20 likeliest tokens cost for each token of a generation: the difference of the two. It
 * is a pass of exponentials over the vocabulary and a list of 20, and the only thing in a token stream that allocates.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TopTokensBenchmark extends SteadyState {
    private TextGenerator plainGenerator;
    private TextGenerator topGenerator;
    private TokenStream plain;
    private TokenStream top;

    /** Starts two endless streams. */
    @Setup(Level.Trial)
    public void open(WideVocabulary wide) {
        plainGenerator = TextGenerator.create(wide.model(), TinyModel.oneThread(64));
        topGenerator = TextGenerator.create(wide.model(), TinyModel.oneThread(64));
        plain = stream(plainGenerator, 0);
        top = stream(topGenerator, 20);
    }

    private static TokenStream stream(TextGenerator generator, int logprobs) {
        GenerationOptions options = GenerationOptions.builder()
                .sampler(SamplerOptions.builder().seed(1).build())
                .ignoreEndOfGeneration(true)
                .contextShift(true)
                .logprobs(logprobs)
                .build();
        return generator.tokens(generator.tokenize("a", options), options);
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        top.close();
        plain.close();
        topGenerator.close();
        plainGenerator.close();
    }

    /** A token without. */
    @Benchmark
    public int none() {
        return plain.nextToken();
    }

    /** A token with the 20 likeliest. */
    @Benchmark
    public Optional<TokenLogprobs> twenty() {
        top.nextToken();
        return top.logprobs();
    }
}
