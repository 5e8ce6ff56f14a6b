package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.Sampler;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Choosing a token under a grammar. The chain chooses first; only when the grammar refuses its choice are all candidates
 * checked and the chain asked again. So the two benchmarks are the best and the worst case of each token.
 *
 * <p>A bias makes the chain want the letter "a" every time; the grammars repeat one letter for ever, so that their state
 * stays the same.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GrammarBenchmark extends SteadyState {
    private static final float WANTED = 1000;

    private Context context;
    private Sampler agreeing;
    private Sampler refusing;

    /** Makes the samplers. */
    @Setup(Level.Trial)
    public void open(WideVocabulary wide) {
        context = wide.context();
        agreeing = repeating("a", wide);
        refusing = repeating("b", wide);
    }

    private static Sampler repeating(String letter, WideVocabulary wide) {
        return Sampler.chain(wide.model())
                .logitBias(Map.of(wide.token("a"), WANTED))
                .greedy()
                .grammar(Grammar.of("root ::= \"%s\"*".formatted(letter)))
                .build();
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        refusing.close();
        agreeing.close();
    }

    /** The grammar takes the chain's choice. */
    @Benchmark
    public int firstChoiceFits() {
        return next(agreeing);
    }

    /** The grammar looks at all candidates. */
    @Benchmark
    public int firstChoiceRefused() {
        return next(refusing);
    }

    private int next(Sampler sampler) {
        int token = sampler.sample(context, 0);
        sampler.accept(token);
        return token;
    }
}
