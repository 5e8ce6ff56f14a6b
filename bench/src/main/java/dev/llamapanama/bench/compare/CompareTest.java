package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.report.TestSpec;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A test by name: one of llama-bench ({@code pp512}, {@code tg64@d512}), or parallel sequences as llama-batched-bench
 * measures them ({@code pp128+tg64x8}: 8 sequences, each with a prompt of 128 tokens and 64 generated ones).
 *
 * @param prompt tokens of each prompt; 0 in tests of generation alone
 * @param gen tokens that each sequence generates; 0 in tests of prompt processing alone
 * @param depth tokens in the context before the measurement starts; 0 for parallel sequences
 * @param streams parallel sequences; 0 in a test of llama-bench
 */
record CompareTest(int prompt, int gen, int depth, int streams) {
    private static final Pattern PARALLEL = Pattern.compile("pp([1-9]\\d{0,7})\\+tg([1-9]\\d{0,7})x([1-9]\\d{0,2})");
    private static final int MAX_STREAMS = 256; // LLAMA_MAX_SEQ

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException if it is none
     */
    static CompareTest parse(String name) {
        Matcher matcher = PARALLEL.matcher(name.strip());
        if (matcher.matches()) {
            int streams = Integer.parseInt(matcher.group(3));
            if (streams > MAX_STREAMS) {
                throw new IllegalArgumentException("'" + name + "' has more than " + MAX_STREAMS + " streams");
            }
            return new CompareTest(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), 0, streams);
        }
        try {
            TestSpec test = TestSpec.parse(name);
            return new CompareTest(test.prompt(), test.gen(), test.depth(), 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + name + "' is not the name of a test, such as pp512 or tg64@d512 or pp128+tg64x8", e);
        }
    }

    boolean parallel() {
        return streams > 0;
    }

    /** Tokens that the context must hold. */
    long contextLength() {
        return ((long) prompt + gen + depth) * sequences();
    }

    /** Sequences in the context. */
    int sequences() {
        return Math.max(1, streams);
    }

    /** Names of the speeds that one measurement gives: one, or those of prompts and of generation. */
    List<String> speeds() {
        return parallel() ? List.of(this + " prompt", this + " generation") : List.of(toString());
    }

    @Override
    public String toString() {
        return parallel() ? "pp" + prompt + "+tg" + gen + "x" + streams : TestSpec.name(prompt, gen, depth);
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<CompareTest> {
        @Override
        public CompareTest convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
