package dev.llamapanama.chat;

import dev.llamapanama.engine.TokenAttribute;
import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Makes tokens of a rendered prompt: control tokens where the template has written their text, and nowhere else. Otherwise what
 * {@code llama_tokenize} makes of it with {@code parse_special}. Thread-safe.
 */
final class PromptTokenizer {
    private final Vocabulary vocabulary;
    private final ControlTokens controls;

    PromptTokenizer(Vocabulary vocabulary, ControlTokens controls) {
        this.vocabulary = vocabulary;
        this.controls = controls;
    }

    /**
     * The tokens of a prompt.
     *
     * @param foreign indices of characters that are not the template's; none if no control token can come about with one
     * @param begins whether it is the beginning of the prompt
     */
    int[] tokenize(String text, BitSet foreign, boolean begins) {
        if (foreign.isEmpty()) {
            return vocabulary.tokenize(text, begins, true);
        }
        IntStream.Builder tokens = IntStream.builder();
        addIf(begins && vocabulary.addsBos(), vocabulary.bos(), tokens);
        List<ControlTokens.Occurrence> own = own(text, foreign);
        int done = 0; // index in the text
        for (int i = 0; i <= own.size(); i++) {
            // between two of the template's control tokens, or an end
            int from = i == 0 ? 0 : own.get(i - 1).end();
            int to = i == own.size() ? text.length() : own.get(i).start();
            int mark = foreign.nextSetBit(from);
            if (mark >= 0 && mark < to) {
                add(text.substring(done, from), true, tokens);
                add(plain(text, from, to, own, i), false, tokens);
                done = to;
            }
        }
        add(text.substring(done), true, tokens);
        addIf(begins && vocabulary.addsEos(), vocabulary.eos(), tokens);
        return tokens.build().toArray();
    }

    private List<ControlTokens.Occurrence> own(String text, BitSet foreign) {
        List<ControlTokens.Occurrence> own = new ArrayList<>();
        ControlTokens.Occurrence found = controls.find(text, 0, foreign);
        while (found != null) {
            own.add(found);
            found = controls.find(text, found.end(), foreign);
        }
        return own;
    }

    /** The text before a control token and behind another; some swallow blanks beside them. */
    private static String plain(String text, int from, int to, List<ControlTokens.Occurrence> own, int next) {
        String plain = text.substring(from, to);
        if (next > 0 && own.get(next - 1).token().attributes().contains(TokenAttribute.RIGHT_STRIP)) {
            plain = plain.stripLeading();
        }
        if (next < own.size() && own.get(next).token().attributes().contains(TokenAttribute.LEFT_STRIP)) {
            plain = plain.stripTrailing();
        }
        return plain;
    }

    private void add(String text, boolean parseSpecial, IntStream.Builder tokens) {
        if (!text.isEmpty()) {
            for (int token : vocabulary.tokenize(text, false, parseSpecial)) {
                tokens.add(token);
            }
        }
    }

    private static void addIf(boolean wanted, OptionalInt token, IntStream.Builder tokens) {
        if (wanted) {
            token.ifPresent(tokens::add);
        }
    }
}
