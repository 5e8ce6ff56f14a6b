package dev.llamapanama.engine.prompt;

import dev.llamapanama.engine.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** Cuts a text into units, each of whole characters and whole tokens. Stateless. */
final class TextUnits {
    /**
     * A unit.
     *
     * @param start its first {@code char}
     * @param end behind its last {@code char}
     * @param firstToken its first token
     * @param endToken behind its last token
     */
    record Unit(int start, int end, int firstToken, int endToken) {}

    private TextUnits() {}

    /**
     * Cuts.
     *
     * @param tokens those of the text
     * @throws IllegalArgumentException if the tokens do not give the text back, because the tokenizer normalizes it
     */
    static List<Unit> of(Vocabulary vocabulary, String text, int[] tokens, CompressionUnit kind) {
        List<Unit> characters = characters(vocabulary, text, tokens);
        return kind == CompressionUnit.TOKENS ? characters : sentences(text, characters);
    }

    private static List<Unit> characters(Vocabulary vocabulary, String text, int[] tokens) {
        int added = addedBlank(vocabulary, text, tokens);
        List<Unit> units = new ArrayList<>(tokens.length);
        int start = 0;
        int end = 0;
        int endByte = 0; // of the characters up to end
        int tokenByte = -added; // of the tokens up to here
        int firstToken = 0;
        for (int i = 0; i < tokens.length; i++) {
            tokenByte += vocabulary.bytes(tokens[i], true).length;
            while (endByte < tokenByte) {
                int character = text.codePointAt(end);
                endByte += utf8Length(character);
                end += Character.charCount(character);
            }
            if (endByte == tokenByte && end > start) {
                units.add(new Unit(start, end, firstToken, i + 1));
                start = end;
                firstToken = i + 1;
            }
        }
        return units;
    }

    /** 1 if the tokenizer has put a blank before the text, 0 if not. */
    private static int addedBlank(Vocabulary vocabulary, String text, int[] tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            bytes.writeBytes(vocabulary.bytes(token, true));
        }
        byte[] spelled = bytes.toByteArray();
        byte[] original = text.getBytes(StandardCharsets.UTF_8);
        if (Arrays.equals(spelled, original)) {
            return 0;
        }
        if (spelled.length == original.length + 1
                && spelled[0] == ' '
                && Arrays.equals(spelled, 1, spelled.length, original, 0, original.length)) {
            return 1;
        }
        throw new IllegalArgumentException(
                "the tokenizer changes the text, so that its parts cannot be found again; use a model that does not normalize");
    }

    private static int utf8Length(int character) {
        if (character < 0x80) {
            return 1;
        }
        return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }

    /** A token belongs to the sentence of its last character: blanks between sentences are often part of the next word. */
    private static List<Unit> sentences(String text, List<Unit> characters) {
        BitSet starts = sentenceStarts(text);
        List<Unit> sentences = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= characters.size(); i++) {
            if (i == characters.size() || crosses(starts, characters.get(i - 1), characters.get(i))) {
                Unit begin = characters.get(first);
                Unit last = characters.get(i - 1);
                sentences.add(new Unit(begin.start, last.end, begin.firstToken, last.endToken));
                first = i;
            }
        }
        return sentences;
    }

    private static boolean crosses(BitSet starts, Unit unit, Unit next) {
        int start = starts.nextSetBit(unit.end); // the last character of a unit is at end - 1
        return start >= 0 && start < next.end;
    }

    private static BitSet sentenceStarts(String text) {
        BitSet starts = new BitSet(text.length());
        BreakIterator iterator = BreakIterator.getSentenceInstance(Locale.ROOT);
        iterator.setText(text);
        for (int start = iterator.first(); start != BreakIterator.DONE; start = iterator.next()) {
            starts.set(start);
        }
        for (int line = text.indexOf('\n'); line >= 0; line = text.indexOf('\n', line + 1)) {
            starts.set(line + 1);
        }
        return starts;
    }
}
