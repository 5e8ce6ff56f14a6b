package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Logits;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/** Reading the logits of a decode in Java: all of them into an array of the caller, or the place of the largest. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogitsBenchmark extends SteadyState {
    private Context context;
    private float[] target;
    private Logits logits;

    /** Makes the array and the view. */
    @Setup(Level.Trial)
    public void open(WideVocabulary wide) {
        context = wide.context();
        target = new float[wide.vocabulary];
        logits = context.logits(0);
    }

    /** A copy; memory bandwidth is the limit. */
    @Benchmark
    public float[] copy() {
        context.logitsInto(0, target);
        return target;
    }

    /** The token with the largest logit, read from native memory. */
    @Benchmark
    public int argMax() {
        return logits.argMax();
    }
}
