package dev.llamapanama.chat.agent;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads one JSON value where it begins in a text, as models write it: with single quotes, trailing commas, names without
 * quotes, Python's True, False and None, line breaks in strings, and anything after its end. Jackson's lenient features read most
 * of that, but not Python's words.
 */
final class LenientJson {
    private static final int MAX_NESTING = 100;
    private static final Pattern WORD = Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$.-]*");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(?:[0-9]{1,300}(?:\\.[0-9]{0,300})?|\\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,4})?");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String text;
    private final boolean whole;
    private int position;
    private int nesting;

    private LenientJson(String text, int position, boolean whole) {
        this.text = text;
        this.position = position;
        this.whole = whole;
    }

    /** What was read. */
    sealed interface Result {
        /** A value, and where the text goes on. */
        record Value(JsonNode node, int end) implements Result {}

        /** The text ends within the value. */
        record CutOff() implements Result {}

        /** It is no value. */
        record Wrong(String why) implements Result {}
    }

    /**
     * Reads a value.
     *
     * @param whole whether the text is complete, so that a number may end with it
     */
    static Result read(String text, int position, boolean whole) {
        LenientJson reader = new LenientJson(text, position, whole);
        try {
            JsonNode node = reader.value();
            return new Result.Value(node, reader.position);
        } catch (Stop stop) {
            return stop.result;
        }
    }

    /** Leaves the recursion. */
    private static final class Stop extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Result result;

        Stop(Result result) {
            super(null, null, false, false);
            this.result = result;
        }
    }

    private JsonNode value() throws Stop {
        if (++nesting > MAX_NESTING) {
            throw wrong("it nests deeper than " + MAX_NESTING);
        }
        JsonNode node = switch (next()) {
            case '{' -> object();
            case '[' -> array();
            case '"', '\'' -> NODES.stringNode(string());
            default -> scalar();
        };
        nesting--;
        return node;
    }

    private ObjectNode object() throws Stop {
        ObjectNode object = NODES.objectNode();
        position++;
        while (next() != '}') {
            char first = next();
            String name = first == '"' || first == '\''
                    ? string()
                    : match(WORD).orElseThrow(() -> wrong("a name is missing"));
            if (next() != ':') {
                throw wrong("a colon is missing after a name");
            }
            position++;
            next();
            object.set(name, value());
            separator('}');
        }
        position++;
        return object;
    }

    private ArrayNode array() throws Stop {
        ArrayNode array = NODES.arrayNode();
        position++;
        while (next() != ']') {
            array.add(value());
            separator(']');
        }
        position++;
        return array;
    }

    private void separator(char close) throws Stop {
        char next = next();
        if (next == ',') {
            position++;
        } else if (next != close) {
            throw wrong("a comma or " + close + " is missing");
        }
    }

    private String string() throws Stop {
        char quote = text.charAt(position++);
        StringBuilder string = new StringBuilder();
        while (position < text.length()) {
            char each = text.charAt(position++);
            if (each == '\\') {
                string.append(escape());
            } else if (each == quote && (quote == '"' || endsHere())) {
                return string.toString();
            } else {
                string.append(each);
            }
        }
        throw cutOff();
    }

    /** Whether a single quote is the end and no apostrophe. */
    private boolean endsHere() throws Stop {
        int next = position;
        while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        if (next == text.length()) {
            if (whole) {
                return true;
            }
            throw cutOff();
        }
        return ",:}])".indexOf(text.charAt(next)) >= 0;
    }

    private char escape() throws Stop {
        if (position == text.length()) {
            throw cutOff();
        }
        char escaped = text.charAt(position++);
        return switch (escaped) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (position + 4 > text.length()) {
                    throw cutOff();
                }
                String digits = text.substring(position, position + 4);
                if (!digits.matches("[0-9a-fA-F]{4}")) {
                    throw wrong("\\u needs four hexadecimal digits");
                }
                position += 4;
                yield (char) Integer.parseInt(digits, 16);
            }
            default -> escaped;
        };
    }

    private JsonNode scalar() throws Stop {
        Optional<String> number = match(NUMBER);
        Optional<String> word = number.isPresent() ? Optional.empty() : match(WORD);
        if (position == text.length() && !whole) {
            throw cutOff();
        }
        if (number.isPresent()) {
            BigDecimal value = new BigDecimal(number.get());
            return number.get().matches("[-+]?[0-9]+")
                    ? NODES.numberNode(value.toBigInteger())
                    : NODES.numberNode(value);
        }
        return switch (word.orElse("")) {
            case "true", "True" -> NODES.booleanNode(true);
            case "false", "False" -> NODES.booleanNode(false);
            case "null", "None" -> NODES.nullNode();
            default -> throw wrong("a text must be in quotes");
        };
    }

    private Optional<String> match(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(position, text.length());
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        position = matcher.end();
        return Optional.of(matcher.group());
    }

    /** Skips white space. */
    private char next() throws Stop {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
        if (position == text.length()) {
            throw cutOff();
        }
        return text.charAt(position);
    }

    private static Stop cutOff() {
        return new Stop(new Result.CutOff());
    }

    private static Stop wrong(String why) {
        return new Stop(new Result.Wrong(why));
    }
}
