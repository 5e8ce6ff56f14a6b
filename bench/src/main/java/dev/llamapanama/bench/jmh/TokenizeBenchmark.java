package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Vocabulary;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/**
 * Text to tokens: a kilobyte of prose by a byte-pair tokenizer. llama.cpp does the work; the engine checks the text, and
 * allocates its UTF-8 bytes and the tokens.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokenizeBenchmark extends SteadyState {
    private static final String SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody minds at all. ";

    private Vocabulary vocabulary;
    private final String text = SENTENCE.repeat(15);

    /** Takes the vocabulary. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        vocabulary = tiny.model().vocabulary();
    }

    /** The whole text. */
    @Benchmark
    public int[] tokenize() {
        return vocabulary.tokenize(text, true, false);
    }
}
