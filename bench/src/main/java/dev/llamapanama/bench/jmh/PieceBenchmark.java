package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Vocabulary;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;

/**
 * Tokens to text, of which most characters lie across the borders of tokens.
 *
 * <p>{@link #bytesInto} is what a decode loop does for each token: after a token's first use no native call and nothing
 * allocated. {@link #detokenize} asks llama.cpp for the whole text; what it allocates is the text.
 */
public class PieceBenchmark extends SteadyState {
    private static final int TOKENS = 256;
    private static final String TEXT = "Grüße aus 東京, naïve façade, Ελληνικά, 🌍🚀. ";

    private Vocabulary vocabulary;
    private int[] tokens;
    private final byte[] text = new byte[1024];

    /** Makes the tokens. */
    @Setup(Level.Trial)
    public void open(TinyModel tiny) {
        vocabulary = tiny.model().vocabulary();
        tokens = Arrays.copyOf(vocabulary.tokenize(TEXT.repeat(10), false, false), TOKENS);
    }

    /** One token's bytes, appended to a buffer. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public byte[] bytesInto() {
        int length = 0;
        for (int token : tokens) {
            length += vocabulary.bytesInto(token, false, text, length);
        }
        return text;
    }

    /** One token of 256, as a string. */
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public String detokenize() {
        return vocabulary.detokenize(tokens, false, false);
    }
}
