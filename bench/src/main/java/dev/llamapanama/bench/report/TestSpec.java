package dev.llamapanama.bench.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A test by llama-bench's name: {@code pp512}, {@code tg64@d512}.
 *
 * @param prompt tokens of prompt processing; 0 in tests of generation
 * @param gen tokens to generate; 0 in tests of prompt processing
 * @param depth tokens in the context before the measurement starts
 */
public record TestSpec(int prompt, int gen, int depth) {
    private static final Pattern NAME = Pattern.compile("(pp|tg)([1-9]\\d{0,7})(?:\\s*@\\s*d(\\d{1,8}))?");

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static TestSpec parse(String name) {
        Matcher matcher = NAME.matcher(name.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a test, such as pp512 or tg64@d512");
        }
        int tokens = Integer.parseInt(matcher.group(2));
        int depth = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        return matcher.group(1).equals("pp") ? new TestSpec(tokens, 0, depth) : new TestSpec(0, tokens, depth);
    }

    /** llama-bench's name of a test with these tokens. */
    public static String name(int prompt, int gen, int depth) {
        String test = gen == 0 ? "pp" + prompt : prompt == 0 ? "tg" + gen : "pp" + prompt + "+tg" + gen;
        return depth > 0 ? test + " @ d" + depth : test;
    }

    @Override
    public String toString() {
        return name(prompt, gen, depth);
    }

    /** For picocli. */
    public static final class Converter implements ITypeConverter<TestSpec> {
        @Override
        public TestSpec convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
