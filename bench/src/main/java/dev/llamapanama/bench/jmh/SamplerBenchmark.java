package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.SamplerOptions;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Choosing a token: {@code sample} and {@code accept} on the logits of one decode, again and again. The cost grows with the
 * vocabulary: one look at each logit for the few that top-k leaves. llama.cpp copies all of them first.
 *
 * <p>The default chain draws another token each time and remembers it for its penalties, as in a generation.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SamplerBenchmark extends SteadyState {
    private Context context;
    private Sampler defaultChain;
    private Sampler greedy;

    /** Makes the samplers. */
    @Setup(Level.Trial)
    public void open(WideVocabulary wide) {
        context = wide.context();
        defaultChain =
                Sampler.create(wide.model(), SamplerOptions.builder().seed(1).build());
        greedy = Sampler.chain(wide.model()).greedy().build();
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        greedy.close();
        defaultChain.close();
    }

    /** llama.cpp's default chain. */
    @Benchmark
    public int defaultChain() {
        return next(defaultChain);
    }

    /** The likeliest token. */
    @Benchmark
    public int greedy() {
        return next(greedy);
    }

    private int next(Sampler sampler) {
        int token = sampler.sample(context, 0);
        sampler.accept(token);
        return token;
    }
}
