package dev.llamapanama.engine.prompt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what must not be dropped. Immutable. The patterns of its own take time that grows with the length of the text only. */
final class ProtectedSpans {
    private static final Pattern FENCE =
            Pattern.compile("^[ \\t]{0,3}(`{3,}|~{3,}).*?(?:^[ \\t]{0,3}\\1|\\z)", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`[^`\\n]++`");
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\p{Nd}[\\p{L}\\p{Nd}_.,:/%-]*+");
    private static final List<Pattern> QUOTES = List.of(
            Pattern.compile("\"[^\"\\n]{1,80}+\""),
            Pattern.compile("“[^”\\n]{1,80}+”"),
            Pattern.compile("„[^“”\\n]{1,80}+[“”]"),
            Pattern.compile("«[^»\\n]{1,80}+»"),
            Pattern.compile("‘[^’\\n]{1,80}+’"),
            Pattern.compile("(?<![\\p{L}\\p{Nd}])'[^'\\n]{1,80}+'(?![\\p{L}\\p{Nd}])")); // not an apostrophe

    private final List<Pattern> patterns;

    ProtectedSpans(CompressorOptions options) {
        patterns = new ArrayList<>(options.protectedPatterns());
        if (options.protectCode()) {
            patterns.add(FENCE);
            patterns.add(CODE);
        }
        if (options.protectNumbers()) {
            patterns.add(NUMBER);
        }
        if (options.protectQuotes()) {
            patterns.addAll(QUOTES);
        }
    }

    /**
     * The {@code char}s to keep.
     *
     * @throws IllegalArgumentException if a range is not in the text
     */
    BitSet find(String text, List<TextRange> ranges) {
        BitSet kept = new BitSet(text.length());
        for (TextRange range : ranges) {
            if (range.end() > text.length()) {
                throw new IllegalArgumentException(range + " is not in the text, of " + text.length() + " chars");
            }
            kept.set(range.start(), range.end());
        }
        for (Pattern pattern : patterns) {
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                kept.set(matcher.start(), matcher.end());
            }
        }
        return kept;
    }
}
