package dev.llamapanama.chat.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@code _pattern_to_rule} in json-schema-to-grammar.cpp reads of regular expressions, and refuses the rest, which
 * it would replace by "any string".
 */
final class RegexParser {
    private static final int MAX_NESTING = 50;
    private static final int MAX_REPETITIONS = 2_000; // MAX_REPETITION_THRESHOLD in llama-grammar.cpp
    private static final String NOTATION = "^$.[]()|{}*+?";
    private static final int LAST_CONTROL = 0x1F;

    private final String pattern;
    private final boolean inJson;
    private final int end;
    private int position = 1;
    private int nesting;

    private RegexParser(String pattern, boolean inJson) {
        this.pattern = pattern;
        this.inJson = inJson;
        end = pattern.length() - 1;
    }

    /** What stands right of {@code ::=}. */
    static String toGbnf(String pattern) {
        return parse(pattern, false);
    }

    /**
     * For a {@code pattern} in a schema: it must be one that the converter reads, and match nothing that would have to be
     * escaped in JSON, since the converter copies its characters into the JSON string as they are.
     */
    static void requireSupportedInJson(String pattern) {
        parse(pattern, true);
    }

    private static String parse(String pattern, boolean inJson) {
        RegexParser parser = new RegexParser(pattern, inJson);
        if (pattern.length() < 2 || pattern.charAt(0) != '^' || !parser.endsWithAnchor()) {
            throw new UnsupportedSchemaException("pattern", "position 0", "it must begin with ^ and end with $");
        }
        String gbnf = parser.alternatives();
        if (parser.position < parser.end) {
            throw parser.refused("a ) that closes nothing; write \\)");
        }
        return gbnf;
    }

    private boolean endsWithAnchor() {
        int backslashes = 0;
        for (int i = end - 1; i > 0 && pattern.charAt(i) == '\\'; i--) {
            backslashes++;
        }
        return pattern.charAt(end) == '$' && backslashes % 2 == 0;
    }

    /** Up to a closing parenthesis or the end. */
    private String alternatives() {
        List<String> alternatives = new ArrayList<>();
        alternatives.add(sequence());
        while (position < end && peek() == '|') {
            position++;
            alternatives.add(sequence());
        }
        return String.join(" | ", alternatives);
    }

    private String sequence() {
        List<String> items = new ArrayList<>();
        while (position < end && peek() != '|' && peek() != ')') {
            items.add(repeated());
        }
        return items.isEmpty() ? "\"\"" : String.join(" ", items);
    }

    private String repeated() {
        int begin = position;
        String item = item();
        if (position == end || "*+?{".indexOf(peek()) < 0) {
            return item;
        }
        boolean escaped = pattern.charAt(begin) == '\\' || pattern.codePointAt(begin) > 0x7F;
        if (inJson && escaped) {
            // the converter would repeat the literals before it, too, or a byte of it
            throw refused(
                    "the converter repeats more than an escaped or a non-ASCII character; put it into a class, as [a]+");
        }
        String quantifier = quantifier();
        if (position < end && "*+?{".indexOf(peek()) >= 0) {
            throw refused("lazy and possessive quantifiers are not supported; take one quantifier");
        }
        return item + quantifier;
    }

    private String item() {
        char next = peek();
        return switch (next) {
            case '(' -> group();
            case '[' -> characterClass();
            case '.' -> {
                if (inJson) {
                    throw refused(
                            ". would match quotation marks, which end the JSON string; take [^\"\\\\\\x00-\\x1F]");
                }
                position++;
                yield "[^\\x0A\\x0D\\u0085\\u2028\\u2029]";
            }
            case '*', '+', '?', '{' -> throw refused("nothing to repeat; write \\" + next);
            case '^', '$' -> throw refused("an anchor inside; write \\" + next);
            case ']', '}' -> throw refused("an unescaped " + next + "; write \\" + next);
            default -> {
                int codePoint = next == '\\' ? escape(NOTATION + "\\\"-") : literal();
                requireInJson(codePoint, codePoint);
                yield "\"" + encode(codePoint) + "\"";
            }
        };
    }

    private String group() {
        position++;
        if (position < end && peek() == '?') {
            if (!pattern.startsWith("?:", position)) {
                throw refused("of groups only (…) and (?:…) are supported");
            }
            position += 2;
        }
        if (++nesting > MAX_NESTING) {
            throw refused("groups nest deeper than " + MAX_NESTING);
        }
        String inside = alternatives();
        nesting--;
        if (position >= end) {
            throw refused("a ( that is not closed");
        }
        position++;
        return "(" + inside + ")";
    }

    private String characterClass() {
        position++;
        StringBuilder gbnf = new StringBuilder("[");
        boolean negated = position < end && peek() == '^';
        if (negated) {
            gbnf.append('^');
            position++;
        }
        List<int[]> ranges = new ArrayList<>();
        while (position < end && peek() != ']') {
            int from = member();
            int to = from;
            if (position + 1 < end && peek() == '-' && pattern.charAt(position + 1) != ']') {
                position++;
                to = member();
                if (to < from) {
                    throw refused("a range from high to low");
                }
            }
            ranges.add(new int[] {from, to});
            gbnf.append(encode(from)).append(from == to ? "" : "-" + encode(to));
        }
        if (position >= end) {
            throw refused("a [ that is not closed");
        }
        if (ranges.isEmpty()) {
            throw refused("an empty class");
        }
        if (inJson) {
            requireInJson(ranges, negated);
        }
        position++;
        return gbnf.append(']').toString();
    }

    private int member() {
        char next = peek();
        if (next == '[' || next == '&' && pattern.startsWith("&&", position)) {
            throw refused("an unescaped " + next + " in a class, which means different things in different languages");
        }
        return next == '\\' ? escape("\\][-\"") : literal();
    }

    private int literal() {
        int codePoint = pattern.codePointAt(position);
        if (codePoint <= LAST_CONTROL || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
            throw refused("a control character or half a surrogate pair");
        }
        position += Character.charCount(codePoint);
        return codePoint;
    }

    /** An escape; the position is at its backslash. */
    private int escape(String escapable) {
        if (position + 1 >= end) {
            throw refused("a backslash at the end");
        }
        char next = pattern.charAt(position + 1);
        int digits = switch (next) {
            case 'x' -> 2;
            case 'u' -> 4;
            default -> 0;
        };
        if (digits > 0) {
            int codePoint = hexadecimal(position + 2, digits);
            position += 2 + digits;
            return codePoint;
        }
        int codePoint = switch (next) {
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            default -> {
                if (escapable.indexOf(next) < 0) {
                    throw refused("\\" + next + " is not supported" + remedy(next));
                }
                yield next;
            }
        };
        position += 2;
        return codePoint;
    }

    private static String remedy(char escaped) {
        return switch (escaped) {
            case 'd' -> "; write [0-9]";
            case 'w' -> "; write [A-Za-z0-9_]";
            case 's' -> "; write [ \\t\\r\\n]";
            default -> Character.isLetterOrDigit(escaped) ? "" : "; write " + escaped + " alone";
        };
    }

    private int hexadecimal(int begin, int digits) {
        String text = begin + digits <= end ? pattern.substring(begin, begin + digits) : "";
        if (!text.matches("[0-9a-fA-F]+")) {
            throw refused("an escape that lacks hexadecimal digits");
        }
        int codePoint = Integer.parseInt(text, 16);
        if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
            throw refused("half a surrogate pair");
        }
        return codePoint;
    }

    private String quantifier() {
        char first = peek();
        if (first != '{') {
            position++;
            return String.valueOf(first);
        }
        int close = pattern.indexOf('}', position);
        String inside = close < 0 || close >= end ? "" : pattern.substring(position + 1, close);
        if (!inside.matches("[0-9]{1,6}(,[0-9]{0,6})?")) {
            throw refused("of counts only {n}, {n,} and {n,m} are supported");
        }
        String[] bounds = inside.split(",", -1);
        int least = Integer.parseInt(bounds[0]);
        int most = bounds.length == 1 ? least : bounds[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(bounds[1]);
        if (least > MAX_REPETITIONS
                || most != Integer.MAX_VALUE && most > MAX_REPETITIONS
                || most < Math.max(least, 1)) {
            throw refused("counts must rise, and be from 1 to " + MAX_REPETITIONS);
        }
        position = close + 1;
        return "{" + inside + "}";
    }

    private void requireInJson(List<int[]> ranges, boolean negated) {
        if (!negated) {
            ranges.forEach(range -> requireInJson(range[0], range[1]));
            return;
        }
        for (int each = 0; each <= '\\'; each++) {
            int codePoint = each;
            boolean excluded = ranges.stream().anyMatch(range -> range[0] <= codePoint && codePoint <= range[1]);
            if (mustBeEscaped(each) && !excluded) {
                throw refused(
                        "the class would match what must be escaped in JSON; exclude quotation mark, backslash and controls, as in "
                                + "[^\"\\\\\\x00-\\x1F]");
            }
        }
    }

    private void requireInJson(int from, int to) {
        if (inJson && (from <= LAST_CONTROL || from <= '"' && '"' <= to || from <= '\\' && '\\' <= to)) {
            throw refused("quotation mark, backslash and controls would have to be escaped in JSON");
        }
    }

    private static boolean mustBeEscaped(int codePoint) {
        return codePoint <= LAST_CONTROL || codePoint == '"' || codePoint == '\\';
    }

    private static String encode(int codePoint) {
        if (codePoint < 0x80 && Character.isLetterOrDigit(codePoint) || codePoint == ' ' || codePoint == '_') {
            return Character.toString(codePoint);
        }
        if (codePoint <= 0xFF) {
            return String.format("\\x%02X", codePoint);
        }
        return String.format(codePoint <= 0xFFFF ? "\\u%04X" : "\\U%08X", codePoint);
    }

    private char peek() {
        return pattern.charAt(position);
    }

    private UnsupportedSchemaException refused(String why) {
        return new UnsupportedSchemaException("pattern", "position " + position, why);
    }
}
