package dev.llamapanama.chat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Keeps track of where texts from outside end up in a prompt, through whatever a template does to them: before it is rendered,
 * the characters that could become part of a control token are replaced by characters for private use; after it, these are
 * found and put back. The template's own text is never touched. Of one rendering; not thread-safe.
 */
final class TextMarks implements UnaryOperator<String> {
    private static final char FIRST = '\uE000';
    private static final char LAST = '\uF8FF';
    private static final int BLOCK = 128;
    private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-fA-F]{4})");

    private final Function<String, BitSet> parts;
    private final char base;
    private final List<Character> originals = new ArrayList<>(); // of base, base + 1, ...

    /**
     * @param parts which characters of a text are to be replaced
     * @param present what must have none of the characters that are used, escaped for JSON neither
     */
    TextMarks(Function<String, BitSet> parts, String... present) {
        this.parts = parts;
        this.base = freeBlock(present);
    }

    private static char freeBlock(String... present) {
        BitSet used = new BitSet();
        for (String text : present) {
            IntStream escaped = ESCAPE.matcher(text).results().mapToInt(match -> Integer.parseInt(match.group(1), 16));
            IntStream.concat(text.chars(), escaped)
                    .filter(c -> c >= FIRST && c <= LAST)
                    .forEach(c -> used.set((c - FIRST) / BLOCK));
        }
        int free = used.nextClearBit(0);
        if (FIRST + (free + 1) * BLOCK > LAST) {
            throw new IllegalArgumentException("the chat uses characters of all of Unicode's private use area");
        }
        return (char) (FIRST + free * BLOCK);
    }

    /** Whether anything was replaced. */
    boolean any() {
        return !originals.isEmpty();
    }

    @Override
    public String apply(String text) {
        BitSet replaced = parts.apply(text);
        if (replaced.isEmpty()) {
            return text;
        }
        StringBuilder marked = new StringBuilder(text);
        replaced.stream().forEach(i -> {
            int first = Character.isLowSurrogate(text.charAt(i)) && i > 0 ? i - 1 : i;
            boolean pair =
                    first + 1 < text.length() && Character.isSurrogatePair(text.charAt(first), text.charAt(first + 1));
            for (int at = pair ? first : i; at <= (pair ? first + 1 : i); at++) { // half a pair is no text
                marked.setCharAt(at, mark(text.charAt(at)));
            }
        });
        return marked.toString();
    }

    private char mark(char original) {
        int known = originals.indexOf(original);
        if (known >= 0) {
            return (char) (base + known);
        }
        if (originals.size() == BLOCK) {
            throw new IllegalArgumentException("this vocabulary has control tokens of too many beginnings");
        }
        originals.add(original);
        return (char) (base + originals.size() - 1);
    }

    /**
     * A text as it was, and what was replaced.
     *
     * @param marked indices in the text
     */
    record Restored(String text, BitSet marked) {}

    /** Puts back what was replaced, also where the template has escaped it for JSON. */
    Restored restore(String rendered) {
        StringBuilder text = new StringBuilder(rendered.length());
        BitSet marked = new BitSet();
        int i = 0;
        while (i < rendered.length()) {
            int escaped = rendered.startsWith("\\u", i) ? escaped(rendered, i) : -1;
            int mark = escaped >= 0 ? escaped : rendered.charAt(i) - base;
            boolean isMark = mark >= 0 && mark < originals.size();
            if (isMark) {
                marked.set(text.length());
            }
            text.append(isMark ? originals.get(mark) : rendered.charAt(i));
            i += isMark && escaped >= 0 ? 6 : 1;
        }
        return new Restored(text.toString(), marked);
    }

    private int escaped(String rendered, int at) {
        String digits = at + 6 <= rendered.length() ? rendered.substring(at + 2, at + 6) : "";
        return digits.matches("[0-9a-fA-F]{4}") ? Integer.parseInt(digits, 16) - base : -1;
    }
}
