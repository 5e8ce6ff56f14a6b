package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.SamplerOptions;
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
 * One token: batch, decode, sample, accept. The time is mostly ggml's: even a tiny model takes many times what Java does
 * around it.
 *
 * <p>Nothing is allocated. JMH itself allocates some kilobytes in each iteration, which {@code gc.alloc.rate.norm} counts,
 * so {@link #nothing} has as many turns: the two have the same figure. {@code jmh-report} subtracts it everywhere.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class DecodeLoopBenchmark extends SteadyState {
    private static final int CONTEXT_LENGTH = 512;
    private static final int TOKENS = 20_000;

    private Context context;
    private Batch batch;
    private Sampler sampler;
    private int token;
    private int position;

    /** Makes a context and a sampler. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        context = tiny.model().newContext(TinyModel.oneThread(CONTEXT_LENGTH));
        batch = context.batch();
        sampler = Sampler.create(tiny.model(), SamplerOptions.builder().seed(1).build());
    }

    /** Closes what {@link #open} made. */
    @TearDown(Level.Trial)
    public void close() {
        sampler.close();
        context.close();
    }

    /** An empty loop of as many turns. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public int nothing() {
        int turns = 0;
        while (turns < TOKENS) {
            turns++;
        }
        return turns;
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
