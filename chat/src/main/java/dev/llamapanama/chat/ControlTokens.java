package dev.llamapanama.chat;

import dev.llamapanama.engine.TokenAttribute;
import dev.llamapanama.engine.TokenInfo;
import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The texts that llama.cpp's tokenizer takes for control tokens where it is told to parse special ones. Immutable. */
final class ControlTokens {
    private final Map<String, TokenInfo> byText = new HashMap<>();
    private final Set<Integer> lengths =
            new TreeSet<>(Collections.reverseOrder()); // longest first, as llama.cpp has it
    private final Set<Character> firsts = new HashSet<>();
    private final Set<Character> characters = new HashSet<>();
    private final Set<String> beginnings = new HashSet<>(); // proper ones
    private final Set<String> ends = new HashSet<>();
    private int longest;

    ControlTokens(Vocabulary vocabulary) {
        for (int token = 0; token < vocabulary.size(); token++) {
            TokenInfo info = vocabulary.info(token);
            boolean control = info.attributes().contains(TokenAttribute.CONTROL)
                    || info.attributes().contains(TokenAttribute.UNKNOWN);
            if (control && !info.text().isEmpty()) {
                add(info);
            }
        }
    }

    private void add(TokenInfo info) {
        String text = info.text();
        byText.put(text, info);
        lengths.add(text.length());
        firsts.add(text.charAt(0));
        text.chars().forEach(c -> characters.add((char) c));
        longest = Math.max(longest, text.length());
        for (int i = 1; i < text.length(); i++) {
            beginnings.add(text.substring(0, i));
            ends.add(text.substring(i));
        }
    }

    /**
     * A control token's text in a text.
     *
     * @param start index of its first character
     */
    record Occurrence(int start, TokenInfo token) {
        int end() {
            return start + token.text().length();
        }
    }

    /** Which control tokens stand in a text, in its order, without those that have an excluded character. */
    List<Integer> in(String text, BitSet excluded) {
        List<Integer> ids = new ArrayList<>();
        for (Occurrence found = find(text, 0, excluded); found != null; found = find(text, found.end(), excluded)) {
            ids.add(found.token.id());
        }
        return ids;
    }

    /** The first control token from {@code from} on that has no excluded character; the longest of those that begin there. */
    @Nullable
    Occurrence find(String text, int from, BitSet excluded) {
        for (int start = from; start < text.length(); start++) {
            if (firsts.contains(text.charAt(start))) {
                for (int length : lengths) {
                    TokenInfo token =
                            start + length <= text.length() ? byText.get(text.substring(start, start + length)) : null;
                    int excludedAt = excluded.nextSetBit(start);
                    if (token != null && (excludedAt < 0 || excludedAt >= start + length)) {
                        return new Occurrence(start, token);
                    }
                }
            }
        }
        return null;
    }

    /**
     * Indices such that no control token can come about, within the text or together with what stands before and behind it, of
     * which none of them is a part. Blanks at both ends may be cut off.
     */
    BitSet parts(String text) {
        BitSet parts = new BitSet();
        BitSet none = new BitSet();
        for (Occurrence found = find(text, 0, none); found != null; found = find(text, found.start + 1, none)) {
            parts.set(found.start);
        }
        String core = text.strip(); // a template may write what stands around it in a token
        if (!core.isEmpty()
                && core.length() < longest
                && byText.keySet().stream().anyMatch(token -> token.contains(core))) {
            parts.set(text.indexOf(core));
        }
        int begin = text.length() - text.stripLeading().length();
        int end = text.stripTrailing().length();
        for (int length = 1; length < longest; length++) {
            markEnd(text, text.length(), length, parts);
            markEnd(text, end, length, parts);
            markBeginning(text, 0, length, parts);
            markBeginning(text, begin, length, parts);
        }
        return parts;
    }

    /**
     * {@link #parts}, where anything in the middle may be taken out, too: with first characters behind which the others of a control
     * token come in its order.
     */
    BitSet scatteredParts(String text) {
        BitSet parts = parts(text);
        if (text.chars().noneMatch(c -> firsts.contains((char) c))) {
            return parts;
        }
        Map<Character, BitSet> places = new HashMap<>();
        for (int i = 0; i < text.length(); i++) {
            if (characters.contains(text.charAt(i))) {
                places.computeIfAbsent(text.charAt(i), c -> new BitSet()).set(i);
            }
        }
        Map<Character, Integer> lastStarts = new HashMap<>();
        for (String token : byText.keySet()) {
            int at = text.length();
            for (int i = token.length() - 1; i >= 0 && at >= 0; i--) {
                BitSet of = places.get(token.charAt(i));
                at = of == null || at == 0 ? -1 : of.previousSetBit(at - 1);
            }
            if (at >= 0) {
                lastStarts.merge(token.charAt(0), at, Math::max);
            }
        }
        lastStarts.forEach((first, last) -> parts.or(places.get(first).get(0, last + 1)));
        return parts;
    }

    private void markEnd(String text, int end, int length, BitSet parts) {
        if (length <= end && beginnings.contains(text.substring(end - length, end))) {
            parts.set(end - length);
        }
    }

    private void markBeginning(String text, int begin, int length, BitSet parts) {
        if (begin + length <= text.length() && ends.contains(text.substring(begin, begin + length))) {
            parts.set(begin);
        }
    }
}
