package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.Vocabulary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the engine adds to a native call: its cheapest calls into llama.cpp, beside a bare call of a function that does
 * nothing.
 *
 * <p>The difference pays for the checks that keep the JVM alive: one thread in a context at a time, no call into what is
 * closed, and the FFM API's own hold on the memory of a pointer argument. {@code jmh-report} shows it for {@link
 * #contextCall}, from the fastest of many short iterations, and has a limit for it. Run alone: {@code -Djmh.args=Seam}.
 */
@Measurement(iterations = 50, time = 5, timeUnit = TimeUnit.MILLISECONDS)
public class SeamBenchmark extends SteadyState {
    /** C's {@code abs}: three instructions, and nothing that C2 could know of. */
    @SuppressWarnings("restricted") // bench runs with native access
    private static final MethodHandle EMPTY = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().find("abs").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Context context;
    private Vocabulary vocabulary;
    private Sampler sampler;
    private int token = 65; // no constant, or C2 would know the results of the checks

    /** Makes what the calls are on. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        context = tiny.model().newContext(TinyModel.oneThread(32));
        vocabulary = tiny.model().vocabulary();
        sampler = Sampler.chain(tiny.model()).greedy().build();
    }

    /** Closes what {@link #open} made. */
    @TearDown(Level.Trial)
    public void close() {
        sampler.close();
        context.close();
    }

    /** A bare downcall. */
    @Benchmark
    public int emptyCall() throws Throwable {
        return (int) EMPTY.invokeExact(token);
    }

    /** A getter of a context ({@code llama_n_threads}): one thread at a time, and its pointer. */
    @Benchmark
    public int contextCall() {
        return context.threads();
    }

    /** A getter of the vocabulary ({@code llama_vocab_is_control}), in which many threads may be at once. */
    @Benchmark
    public boolean vocabularyCall() {
        return vocabulary.isControl(token);
    }

    /** A call through the shim, which catches C++ exceptions ({@code llama_sampler_accept}; a greedy sampler ignores it). */
    @Benchmark
    public void guardedCall() {
        sampler.accept(token);
    }
}
