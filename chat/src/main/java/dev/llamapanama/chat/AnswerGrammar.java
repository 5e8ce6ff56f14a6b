package dev.llamapanama.chat;

import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The grammar that a rendered chat asks for, for a vocabulary ({@code common_sampler_init}, llama-server). Immutable. */
final class AnswerGrammar {
    private static final Pattern SPECIAL = Pattern.compile("[.^$|()*+?\\[\\]{}\\\\]");

    /** What llama.cpp allows before a call that is required: any text. */
    private static final Pattern PREAMBLE = Pattern.compile("(?m)^(root ::= .*?) until-\\d+\\?");

    /** The exponent of a number in llama.cpp's grammars for JSON, which may have 16 digits. */
    private static final String EXPONENT = "([eE] [-+]? integral-part)?";

    /** So that a double holds every number. */
    private static final String SMALL_EXPONENT = "([eE] [-+]? [0-9]{1,2})?";

    private final RenderedChat chat;
    private final String gbnf;
    private final Vocabulary vocabulary;
    private final Set<Integer> shown;

    /** @param callRequired whether a tool must be called: at once, or after reasoning, and not after any amount of text */
    AnswerGrammar(RenderedChat chat, boolean callRequired, Vocabulary vocabulary) {
        this.chat = chat;
        String rules = withSmallExponents(chat.grammar());
        this.gbnf = callRequired ? PREAMBLE.matcher(rules).replaceFirst("$1") : rules;
        this.vocabulary = vocabulary;
        this.shown = chat.preserved().stream()
                .map(this::tokens)
                .filter(tokens -> tokens.length == 1)
                .map(tokens -> tokens[0])
                .collect(Collectors.toUnmodifiableSet());
    }

    static String withSmallExponents(String grammar) {
        return grammar.replace(EXPONENT, SMALL_EXPONENT);
    }

    /** Special tokens that the parser must see. */
    Set<Integer> shownTokens() {
        return shown;
    }

    /**
     * The grammar for what comes after some tokens of the answer.
     *
     * @return empty if there is none
     */
    Optional<Grammar> after(int[] generated) {
        if (gbnf.isEmpty()) {
            return Optional.empty();
        }
        if (!chat.lazy()) {
            int[] begun = generationPrompt();
            List<Integer> prefix = IntStream.concat(Arrays.stream(begun), Arrays.stream(generated))
                    .boxed()
                    .toList();
            return Optional.of(new Grammar(gbnf, "root", List.of(), List.of(), prefix));
        }
        List<String> patterns = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        for (RenderedChat.Trigger trigger : chat.triggers()) {
            switch (trigger.type()) {
                case "word" -> addWord(trigger.value(), patterns, tokens);
                case "pattern_full" -> patterns.add(anchored(trigger.value()));
                case "pattern" -> patterns.add(trigger.value());
                default -> throw new IllegalStateException("a trigger of an unknown kind: " + trigger.type());
            }
        }
        return Optional.of(Grammar.lazy(gbnf, patterns, tokens));
    }

    private void addWord(String word, List<String> patterns, List<Integer> tokens) {
        int[] ids = tokens(word);
        if (ids.length == 1 && shown.contains(ids[0])) {
            tokens.add(ids[0]);
        } else {
            patterns.add(SPECIAL.matcher(word).replaceAll("\\\\$0"));
        }
    }

    private static String anchored(String pattern) {
        return (pattern.startsWith("^") ? "" : "^") + pattern + (pattern.endsWith("$") ? "" : "$");
    }

    /** Without the blank that some tokenizers put before a text. */
    private int[] generationPrompt() {
        String text = chat.generationPrompt();
        int[] tokens = tokens(text);
        if (tokens.length == 0 || text.isEmpty() || Character.isWhitespace(text.charAt(0))) {
            return tokens;
        }
        byte[] first = vocabulary.bytes(tokens[0], true);
        boolean blank = first.length > 0 && Character.isWhitespace(first[0]);
        return blank ? Arrays.copyOfRange(tokens, 1, tokens.length) : tokens;
    }

    private int[] tokens(String text) {
        return text.isEmpty() ? new int[0] : vocabulary.tokenize(text, false, true);
    }
}
