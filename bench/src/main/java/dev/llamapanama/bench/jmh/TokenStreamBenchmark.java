package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.TokenStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One token of a generation: {@link TokenStream#nextToken}, which is what users run, on a long stream that shifts its
 * context.
 *
 * <p>The difference to {@link DecodeLoopBenchmark} is what the generator adds: clock, stop conditions, prompt cache,
 * and now and then a context shift. {@code gc.alloc.rate.norm} must be below 1 here too.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class TokenStreamBenchmark {
    private static final int CONTEXT_LENGTH = 512;
    private static final int TOKENS = 10_000;

    private TextGenerator generator;
    private TokenStream stream;

    /** One thread, so that no time goes into waiting for others. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        generator = TextGenerator.create(
                tiny.model(),
                ContextOptions.builder()
                        .contextLength(CONTEXT_LENGTH)
                        .threads(1)
                        .batchThreads(1)
                        .build());
        GenerationOptions options = GenerationOptions.builder()
                .sampler(SamplerOptions.builder().seed(1).build())
                .maxTokens(
                        10 * TOKENS) // more than all iterations need; a stream makes room for its timings at the start
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
