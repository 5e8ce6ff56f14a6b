package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.TokenStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One token of a generation: {@link TokenStream#nextToken}, which is what users run, on a long stream that shifts its
 * context.
 *
 * <p>The difference to {@link DecodeLoopBenchmark} is what the generator adds: clock, stop conditions, prompt cache,
 * and now and then a context shift. It allocates nothing either; see there for what JMH adds.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class TokenStreamBenchmark extends SteadyState {
    private static final int CONTEXT_LENGTH = 512;
    private static final int TOKENS = 20_000;

    private TextGenerator generator;
    private TokenStream stream;

    /** Starts the stream. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        generator = TextGenerator.create(tiny.model(), TinyModel.oneThread(CONTEXT_LENGTH));
        GenerationOptions options = GenerationOptions.builder()
                .sampler(SamplerOptions.builder().seed(1).build())
                .ignoreEndOfGeneration(true)
                .contextShift(true)
                .build();
        stream = generator.tokens(generator.tokenize("Once upon a time", options), options);
    }

    /** Closes what {@link #open} made. */
    @TearDown(Level.Trial)
    public void close() {
        stream.close();
        generator.close();
    }

    /** The next token. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public int nextToken() {
        int token = TokenStream.END;
        for (int i = 0; i < TOKENS; i++) {
            token = stream.nextToken();
            if (token == TokenStream.END) {
                throw new IllegalStateException("the stream has ended");
            }
        }
        return token;
    }
}
