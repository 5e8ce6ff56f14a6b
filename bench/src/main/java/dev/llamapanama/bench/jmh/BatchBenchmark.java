package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Filling a batch, as for a prompt: a few stores to native memory and some checks per token, no native call. */
public class BatchBenchmark extends SteadyState {
    private static final int TOKENS = 512;

    private Context context;
    private Batch batch;
    private final int[] prompt = new int[TOKENS];

    /** Makes a context with room for the batch. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        context = tiny.model().newContext(TinyModel.oneThread(TOKENS));
        batch = context.batch();
        for (int i = 0; i < TOKENS; i++) {
            prompt[i] = i % 256;
        }
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        context.close();
    }

    /** One token of 512. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public int add() {
        batch.clear();
        for (int i = 0; i < TOKENS; i++) {
            batch.add(prompt[i], i, 0, i == TOKENS - 1);
        }
        return batch.size();
    }
}
