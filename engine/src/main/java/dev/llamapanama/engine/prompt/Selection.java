package dev.llamapanama.engine.prompt;

import dev.llamapanama.engine.prompt.TextUnits.Unit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which units of a text are kept, and how they are put together. */
final class Selection {
    private final String text;
    private final List<Unit> units;
    private final BitSet kept; // units

    Selection(String text, List<Unit> units, BitSet kept) {
        this.text = text;
        this.units = units;
        this.kept = kept;
    }

    /** The kept units, as they are, and what {@link #separator} puts between them. */
    String text() {
        StringBuilder result = new StringBuilder();
        int end = 0;
        for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
            Unit unit = units.get(i);
            if (unit.start() > end && !result.isEmpty()) {
                result.append(separator(end, unit.start()));
            }
            result.append(text, unit.start(), unit.end());
            end = unit.end();
        }
        return result.toString();
    }

    /**
     * What stands for a dropped part between two kept ones: what it had of line ends or blanks, if they have none there, and
     * a blank where two words or numbers would become one.
     */
    private String separator(int from, int to) {
        char before = text.charAt(from - 1);
        char after = text.charAt(to);
        boolean lineEnd = text.substring(from, to).indexOf('\n') >= 0;
        if (lineEnd && before != '\n' && after != '\n') {
            return "\n";
        }
        if (Character.isWhitespace(before) || Character.isWhitespace(after)) {
            return "";
        }
        boolean blank = text.substring(from, to).chars().anyMatch(Character::isWhitespace);
        return blank || isWord(before) && isWord(after) ? " " : "";
    }

    /** Half a surrogate pair counts: most of them are letters of some script. */
    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || Character.isSurrogate(c);
    }

    /** What is missing. */
    List<TextRange> dropped() {
        List<TextRange> dropped = new ArrayList<>();
        int i = kept.nextClearBit(0);
        while (i < units.size()) {
            int next = kept.nextSetBit(i);
            int last = next < 0 ? units.size() : next;
            dropped.add(new TextRange(units.get(i).start(), units.get(last - 1).end()));
            i = kept.nextClearBit(last);
        }
        return dropped;
    }
}
