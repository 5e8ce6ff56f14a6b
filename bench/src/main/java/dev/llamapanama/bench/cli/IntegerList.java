package dev.llamapanama.bench.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Whole numbers as llama-bench takes them: {@code 512}, {@code 128,512}, {@code 1-4}, {@code 128-512+128},
 * {@code 1-16*2}.
 *
 * @param values in the order given, at least one
 */
public record IntegerList(List<Integer> values) {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9})(?:([+*])(\\d{1,9}))?)?");
    private static final int MAX_VALUES = 1000;

    /**
     * Reads the form above.
     *
     * @throws IllegalArgumentException if the text is of another form or a range does not grow
     */
    public static IntegerList parse(String text) {
        List<Integer> values = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher matcher = RANGE.matcher(part.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + text
                        + "' is not a list of whole numbers, such as 512 or 128,256 or" + " 128-512+128 or 1-16*2");
            }
            addRange(matcher, values);
        }
        return new IntegerList(List.copyOf(values));
    }

    private static void addRange(Matcher matcher, List<Integer> values) {
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2) == null ? first : Long.parseLong(matcher.group(2));
        boolean multiply = "*".equals(matcher.group(3));
        long step = matcher.group(4) == null ? 1 : Long.parseLong(matcher.group(4));
        if (last < first || first < last && (multiply ? first == 0 || step < 2 : step < 1)) {
            throw new IllegalArgumentException("the range '" + matcher.group() + "' does not grow");
        }
        for (long value = first; value <= last; value = multiply ? value * step : value + step) {
            if (values.size() == MAX_VALUES) {
                throw new IllegalArgumentException(
                        "the range '" + matcher.group() + "' has more than " + MAX_VALUES + " values");
            }
            values.add((int) value);
        }
    }

    @Override
    public String toString() {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** For picocli. */
    public static final class Converter implements ITypeConverter<IntegerList> {
        @Override
        public IntegerList convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
