package dev.llamapanama.engine.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads GBNF as {@code llama_grammar_parser} does, to say what is wrong with it and where.
 *
 * <p>llama.cpp parses grammars again and has the last word. This class is needed because llama.cpp prints its message to
 * standard error only, and because its parser recurses into groups and rules: nested deeply enough, they would overflow the
 * native stack and end the process.
 */
public final class GrammarSyntax {
    private static final int MAX_NESTING = 100;

    // llama_grammar_detect_left_recursion takes up to some 200 bytes of stack for each rule; a thread has 1 MiB
    static final int MAX_RULE_DEPTH = 2_500;

    private static final int MAX_REPETITIONS = 2_000; // MAX_REPETITION_THRESHOLD in llama-grammar.cpp
    private static final int NO_MAXIMUM = -1;
    private static final int MAX_PATTERN_LENGTH = 10_000;

    private final String source;
    private final Set<String> symbols = new HashSet<>();
    private final Map<String, Integer> references = new LinkedHashMap<>(); // name to where it was used first
    private final RuleDepth rules = new RuleDepth();
    private int position;

    private GrammarSyntax(String source) {
        this.source = source;
    }

    /**
     * Checks a grammar.
     *
     * @return what is wrong, or nothing
     */
    public static Optional<String> check(String source, String root) {
        GrammarSyntax syntax = new GrammarSyntax(source);
        try {
            syntax.grammar(root);
            return Optional.empty();
        } catch (Problem problem) {
            return Optional.of(problem.getMessage());
        }
    }

    /**
     * Checks what would overflow the stack of the native regular expression compiler.
     *
     * @return what is wrong, or nothing
     */
    public static Optional<String> checkPattern(String pattern) {
        if (pattern.length() > MAX_PATTERN_LENGTH) {
            return Optional.of(
                    "a trigger pattern has " + pattern.length() + " characters; the limit is " + MAX_PATTERN_LENGTH);
        }
        int depth = 0;
        for (int i = 0; i < pattern.length(); i++) {
            switch (pattern.charAt(i)) {
                case '\\' -> i++;
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
            if (depth > MAX_NESTING) {
                return Optional.of("a trigger pattern nests more than " + MAX_NESTING + " groups");
            }
        }
        return Optional.empty();
    }

    private void grammar(String root) {
        space(true);
        while (peek() != 0) {
            rule();
        }
        references.forEach((name, where) -> {
            if (!rules.isDefined(name)) {
                throw problem("Undefined rule identifier '" + name + "'", where);
            }
        });
        if (!rules.isDefined(root)) {
            throw new Problem("grammar does not contain a '" + root + "' symbol");
        }
        if (rules.exceeds(MAX_RULE_DEPTH)) {
            throw new Problem("more than " + MAX_RULE_DEPTH + " rules begin with one another");
        }
    }

    private void rule() {
        String name = name();
        symbols.add(name);
        space(false);
        if (!source.startsWith("::=", position)) {
            throw expecting("::=");
        }
        position += 3;
        space(true);
        alternates(name, name, 0);
        switch (peek()) {
            case '\r' -> position += peek(1) == '\n' ? 2 : 1;
            case '\n' -> position++;
            case 0 -> {}
            default -> throw expecting("newline or end");
        }
        space(true);
    }

    private void alternates(String ruleName, String name, int nesting) {
        if (nesting > MAX_NESTING) {
            throw problem("groups are nested more than " + MAX_NESTING + " deep", position);
        }
        List<List<String>> alternates = new ArrayList<>();
        alternates.add(sequence(ruleName, nesting));
        while (peek() == '|') {
            position++;
            space(true);
            alternates.add(sequence(ruleName, nesting));
        }
        rules.define(name, alternates);
    }

    /** Reads a sequence; a rule's name stands for itself, {@link RuleDepth#TERMINAL} for anything else. */
    private List<String> sequence(String ruleName, int nesting) {
        List<String> items = new ArrayList<>();
        int last = -1; // where the item starts that a repetition would repeat
        long repeated = 1; // how many rules that item stands for
        while (true) {
            int first = peek();
            int start = items.size();
            switch (first) {
                case '"' -> {
                    if (literal()) {
                        items.add(RuleDepth.TERMINAL);
                    }
                    repeated = 1;
                }
                case '[' -> {
                    if (characterSet()) {
                        items.add(RuleDepth.TERMINAL);
                    }
                    repeated = 1;
                }
                case '<', '!' -> {
                    token();
                    items.add(RuleDepth.TERMINAL);
                    repeated = 1;
                }
                case '.' -> {
                    position++;
                    items.add(RuleDepth.TERMINAL);
                    repeated = 1;
                }
                case '(' -> {
                    position++;
                    space(true);
                    int before = symbols.size();
                    String group = generateSymbol(ruleName);
                    alternates(ruleName, group, nesting + 1);
                    if (peek() != ')') {
                        throw expecting("')'");
                    }
                    position++;
                    repeated = Math.max(1, symbols.size() - before);
                    items.add(group);
                }
                case '*', '+', '?', '{' -> {
                    Repetition repetition = repetition(nesting > 0);
                    if (last < 0 || last == items.size()) {
                        throw expecting("preceding item to */+/?/{");
                    }
                    repeated *= repetition.rules();
                    if (repeated > MAX_REPETITIONS) {
                        throw problem(
                                "number of rules that are going to be repeated multiplied by the new repetition exceeds sane"
                                        + " defaults, please reduce the number of repetitions or rule complexity",
                                position);
                    }
                    repeat(items, last, repetition, ruleName);
                    continue; // the item stays the one that a further repetition would repeat
                }
                default -> {
                    if (!isWord(first)) {
                        return items;
                    }
                    int where = position;
                    String name = name();
                    symbols.add(name);
                    references.putIfAbsent(name, where);
                    items.add(name);
                    repeated = 1;
                }
            }
            last = start;
            space(nesting > 0);
        }
    }

    private record Repetition(int min, int max) {
        long rules() {
            return max > 0 ? max : Math.max(1, min);
        }
    }

    private Repetition repetition(boolean newlineAllowed) {
        char kind = source.charAt(position++);
        space(newlineAllowed);
        return switch (kind) {
            case '*' -> new Repetition(0, NO_MAXIMUM);
            case '+' -> new Repetition(1, NO_MAXIMUM);
            case '?' -> new Repetition(0, 1);
            default -> bounds(newlineAllowed);
        };
    }

    private Repetition bounds(boolean newlineAllowed) {
        if (!isDigit(peek())) {
            throw expecting("an int");
        }
        int min = integer();
        int max = min;
        space(newlineAllowed);
        if (peek() == ',') {
            position++;
            space(newlineAllowed);
            max = isDigit(peek()) ? integer() : NO_MAXIMUM;
            space(newlineAllowed);
            if (peek() != '}') {
                throw expecting("'}'");
            }
        } else if (peek() != '}') {
            throw expecting("','");
        }
        position++;
        space(newlineAllowed);
        if (min > MAX_REPETITIONS) {
            throw problem(
                    "number of repetitions exceeds sane defaults, please reduce the number of repetitions", position);
        }
        max = max > MAX_REPETITIONS ? NO_MAXIMUM : max;
        if (max != NO_MAXIMUM && max < min) {
            throw problem("a repetition of at least " + min + " and at most " + max, position);
        }
        return new Repetition(min, max);
    }

    /** S{m,n} becomes m times S, and then rules S' ::= S S' | (nothing), as llama.cpp rewrites it. */
    private void repeat(List<String> items, int last, Repetition repetition, String ruleName) {
        List<String> item = List.copyOf(items.subList(last, items.size()));
        if (repetition.min == 0) {
            items.subList(last, items.size()).clear();
        }
        for (int i = 1; i < repetition.min; i++) {
            items.addAll(item);
        }
        boolean endless = repetition.max == NO_MAXIMUM;
        int optional = endless ? 1 : repetition.max - repetition.min;
        String previous = "";
        for (int i = 0; i < optional; i++) {
            String name = generateSymbol(ruleName);
            List<String> once = new ArrayList<>(item);
            if (endless || i > 0) {
                once.add(endless ? name : previous);
            }
            rules.define(name, List.of(once, List.of()));
            previous = name;
        }
        if (optional > 0) {
            items.add(previous);
        }
    }

    private String generateSymbol(String ruleName) {
        String name = ruleName + '_' + symbols.size(); // no name in a grammar can hold an underscore
        symbols.add(name);
        return name;
    }

    private boolean literal() {
        position++;
        int start = position;
        while (peek() != '"') {
            character();
        }
        return position++ > start;
    }

    private boolean characterSet() {
        position++;
        if (peek() == '^') {
            position++;
        }
        int start = position;
        while (peek() != ']') {
            character();
            if (peek() == '-' && peek(1) != ']') {
                position++;
                character();
            }
        }
        return position++ > start;
    }

    private void character() {
        int first = peek();
        if (first == 0) {
            throw problem("unexpected end of input", position);
        }
        if (first != '\\') {
            int codePoint = source.codePointAt(position);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                throw problem("unpaired surrogate", position);
            }
            position += Character.charCount(codePoint);
            return;
        }
        switch (peek(1)) {
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            case 't', 'r', 'n', '\\', '"', '[', ']', '-' -> position += 2;
            default -> throw problem("unknown escape", position);
        }
    }

    private void hex(int digits) {
        position += 2;
        for (int i = 0; i < digits; i++) {
            if (Character.digit(peek(i), 16) < 0 || peek(i) > 'f') {
                throw expecting(digits + " hex chars");
            }
        }
        position += digits;
    }

    private void token() {
        int start = position;
        if (peek() == '!') {
            position++;
        }
        if (peek() != '<') {
            throw expecting("'<'");
        }
        position++;
        boolean byId = peek() == '[';
        if (byId) {
            position++;
            integer();
            if (peek() != ']') {
                throw expecting("']'");
            }
            position++;
        }
        while (!byId && peek() != 0 && peek() != '>') {
            position++;
        }
        if (peek() != '>') {
            throw problem("expecting '>'", start);
        }
        position++;
    }

    private int integer() {
        int start = position;
        while (isDigit(peek())) {
            position++;
        }
        if (position == start) {
            throw expecting("integer");
        }
        return position - start > 9 ? Integer.MAX_VALUE : Integer.parseInt(source, start, position, 10);
    }

    private String name() {
        int start = position;
        while (isWord(peek())) {
            position++;
        }
        if (position == start) {
            throw expecting("name");
        }
        return source.substring(start, position);
    }

    private void space(boolean newlineAllowed) {
        while (true) {
            int next = peek();
            if (next == '#') {
                while (peek() != 0 && peek() != '\r' && peek() != '\n') {
                    position++;
                }
            } else if (next == ' ' || next == '\t' || newlineAllowed && (next == '\r' || next == '\n')) {
                position++;
            } else {
                return;
            }
        }
    }

    /** The next character; 0 at the end, as in C. */
    private int peek() {
        return peek(0);
    }

    private int peek(int ahead) {
        return position + ahead < source.length() ? source.charAt(position + ahead) : 0;
    }

    private static boolean isWord(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || isDigit(c);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private Problem expecting(String what) {
        return problem("expecting " + what, position);
    }

    private Problem problem(String what, int where) {
        int line = 1
                + (int) source.substring(0, where)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        int column = where - source.lastIndexOf('\n', where - 1);
        String rest = source.substring(where).lines().findFirst().orElse("");
        String near =
                rest.isEmpty() ? "the end of the line" : "\"" + rest.substring(0, Math.min(40, rest.length())) + "\"";
        return new Problem("line " + line + ", column " + column + ": " + what + " at " + near);
    }

    private static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1;

        Problem(String message) {
            super(message, null, false, false); // leaves this class as text only
        }
    }
}
