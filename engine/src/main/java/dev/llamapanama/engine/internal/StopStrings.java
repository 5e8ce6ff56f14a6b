package dev.llamapanama.engine.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for stop strings in text that arrives in pieces, and holds back what could still become one.
 *
 * <p>The text ends at the stop string that is complete first; where several end at the same character, the longest of
 * them counts. So the outcome does not depend on how the text is cut into pieces. Each stop string is one
 * Knuth-Morris-Pratt automaton, which makes the hold-back exact: the longest suffix of the text that is a prefix of a stop
 * string. Not thread-safe.
 */
public final class StopStrings {
    private final Automaton[] automatons;
    private final StringBuilder held = new StringBuilder();
    private @Nullable String found;

    /**
     * Makes a matcher.
     *
     * @param stopStrings none of them empty
     */
    public StopStrings(List<String> stopStrings) {
        automatons = stopStrings.stream().map(Automaton::new).toArray(Automaton[]::new);
    }

    /**
     * Takes text, and appends to {@code target} what can be shown now.
     *
     * @return whether a stop string is complete; text after it is dropped, and so is all later text
     */
    public boolean accept(CharSequence text, StringBuilder target) {
        for (int i = 0; i < text.length() && found == null; i++) {
            char next = text.charAt(i);
            held.append(next);
            advance(next);
        }
        int shown = held.length() - (found == null ? longestPrefix() : found.length());
        target.append(held, 0, shown);
        held.delete(0, shown);
        return found != null;
    }

    /** Ends the text: appends what was held back, unless a stop string was found. */
    public void finish(StringBuilder target) {
        if (found == null) {
            target.append(held);
        }
        held.setLength(0);
    }

    /** The stop string that was found, or null. */
    public @Nullable String found() {
        return found;
    }

    private void advance(char next) {
        for (Automaton automaton : automatons) {
            if (automaton.advance(next) && (found == null || automaton.pattern.length() > found.length())) {
                found = automaton.pattern;
            }
        }
    }

    private int longestPrefix() {
        int longest = 0;
        for (Automaton automaton : automatons) {
            longest = Math.max(longest, automaton.matched);
        }
        return longest;
    }

    private static final class Automaton {
        private final String pattern;
        private final int[] fallback; // [n]: length of the longest border of the first n characters
        private int matched;

        Automaton(String pattern) {
            if (pattern.isEmpty()) {
                throw new IllegalArgumentException("a stop string must not be empty");
            }
            this.pattern = pattern;
            this.fallback = new int[pattern.length() + 1];
            int border = 0;
            for (int i = 1; i < pattern.length(); i++) {
                while (border > 0 && pattern.charAt(i) != pattern.charAt(border)) {
                    border = fallback[border];
                }
                if (pattern.charAt(i) == pattern.charAt(border)) {
                    border++;
                }
                fallback[i + 1] = border;
            }
        }

        boolean advance(char next) {
            while (matched > 0 && pattern.charAt(matched) != next) {
                matched = fallback[matched];
            }
            if (pattern.charAt(matched) == next) {
                matched++;
            }
            return matched == pattern.length(); // the matcher stops here, so no state follows the last one
        }
    }
}
