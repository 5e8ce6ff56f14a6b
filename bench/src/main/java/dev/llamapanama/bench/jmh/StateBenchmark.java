package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Sequence;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Saving what a context remembers of 256 tokens of a sequence to a byte array, and restoring it; what is allocated is the
 * array.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StateBenchmark extends SteadyState {
    private static final int TOKENS = 256;

    private Context context;
    private Sequence sequence;
    private byte[] saved;

    /** Decodes the tokens. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        context = tiny.model().newContext(TinyModel.oneThread(TOKENS));
        for (int i = 0; i < TOKENS; i++) {
            context.batch().add(i, i, 0, i == TOKENS - 1);
        }
        context.decode();
        sequence = context.sequence(0);
        saved = sequence.saveState();
    }

    /** Closes the context. */
    @TearDown(Level.Trial)
    public void close() {
        context.close();
    }

    /** Memory to bytes. */
    @Benchmark
    public byte[] save() {
        return sequence.saveState();
    }

    /** Bytes to memory. */
    @Benchmark
    public void restore() {
        sequence.restoreState(saved);
    }
}
