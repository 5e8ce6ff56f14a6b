package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.SamplerOptions;
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
 * One token: batch, decode, sample, accept.
 *
 * <p>The figure to watch is {@code gc.alloc.rate.norm}, bytes allocated per token. It must be below 1: JMH itself
 * allocates some kilobytes in each iteration, so an iteration has many tokens. The time is mostly ggml's: even a tiny
 * model takes many times what Java does around it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class DecodeLoopBenchmark {
    private static final int CONTEXT_LENGTH = 512;
    private static final int TOKENS = 10_000;

    private Context context;
    private Batch batch;
    private Sampler sampler;
    private int token;
    private int position;

    /** One thread, so that no time goes into waiting for others. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        context = tiny.model()
                .newContext(ContextOptions.builder()
                        .contextLength(CONTEXT_LENGTH)
                        .threads(1)
                        .batchThreads(1)
                        .build());
        batch = context.batch();
        sampler = Sampler.create(tiny.model(), SamplerOptions.builder().seed(1).build());
    }

    /** Closes what {@link #open} made. */
    @TearDown(Level.Trial)
    public void close() {
        sampler.close();
        context.close();
    }

    /** What a generation does for each token, apart from its text. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public int nextToken() {
        for (int i = 0; i < TOKENS; i++) {
            if (position == CONTEXT_LENGTH) {
                context.clearMemory();
                position = 0;
            }
            batch.clear();
            batch.add(token, position++, 0, true);
            context.decode();
            token = sampler.sample(context, 0);
            sampler.accept(token);
        }
        return token;
    }
}
