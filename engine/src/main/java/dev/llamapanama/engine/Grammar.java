package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.GrammarSyntax;
import java.util.List;

/**
 * A grammar that the text must follow, in GBNF (<a
 * href="https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md">llama.cpp's notation</a>). Immutable; made
 * for a model's vocabulary when a {@link Sampler} is built.
 *
 * <p>With triggers it is lazy ({@code llama_sampler_init_grammar_lazy_patterns}): the text is free until a trigger
 * appears, and what follows from the trigger on must match the grammar. llama.cpp searches all text so far for the patterns
 * at each token, with a matcher that recurses for each repetition: patterns should be short texts, as {@code <tool_call>}, and
 * need no {@code [\s\S]*} in front.
 *
 * @param gbnf the rules
 * @param root name of the rule that the text must match
 * @param triggerPatterns regular expressions (ECMAScript, as C++ has them); the constrained text begins with the first group
 *     that matched, or with the match
 * @param triggerTokens tokens that trigger the grammar and belong to the constrained text
 * @param prefix tokens that stand at the end of the prompt and are the beginning of the constrained text; of a lazy grammar none
 */
public record Grammar(
        String gbnf, String root, List<String> triggerPatterns, List<Integer> triggerTokens, List<Integer> prefix) {
    /**
     * Checks the notation, and copies the lists.
     *
     * @throws GrammarException if the notation is wrong; the message has line and column, and llama.cpp's words
     */
    public Grammar {
        SamplerChecks.text("a grammar", gbnf);
        SamplerChecks.text("the name of a grammar's root", root);
        triggerPatterns = List.copyOf(triggerPatterns);
        triggerTokens = List.copyOf(triggerTokens);
        prefix = List.copyOf(prefix);
        prefix.forEach(token -> SamplerChecks.notNegative("a token of the prefix", token));
        if (!prefix.isEmpty() && !(triggerPatterns.isEmpty() && triggerTokens.isEmpty())) {
            throw new IllegalArgumentException("a lazy grammar waits for a trigger and has no prefix");
        }
        triggerPatterns.forEach(pattern -> SamplerChecks.text("a trigger pattern", pattern));
        triggerTokens.forEach(token -> SamplerChecks.notNegative("a trigger token", token));
        GrammarSyntax.check(gbnf, root).ifPresent(problem -> {
            throw new GrammarException(problem);
        });
        triggerPatterns.forEach(pattern -> GrammarSyntax.checkPattern(pattern).ifPresent(problem -> {
            throw new GrammarException(problem);
        }));
    }

    /** A grammar without a prefix. */
    public Grammar(String gbnf, String root, List<String> triggerPatterns, List<Integer> triggerTokens) {
        this(gbnf, root, triggerPatterns, triggerTokens, List.of());
    }

    /** A grammar whose root is "root". */
    public static Grammar of(String gbnf) {
        return new Grammar(gbnf, "root", List.of(), List.of());
    }

    /** A grammar whose root is "root", and which waits for one of these. */
    public static Grammar lazy(String gbnf, List<String> triggerPatterns, List<Integer> triggerTokens) {
        if (triggerPatterns.isEmpty() && triggerTokens.isEmpty()) {
            throw new IllegalArgumentException("a lazy grammar needs a trigger pattern or a trigger token");
        }
        return new Grammar(gbnf, "root", triggerPatterns, triggerTokens);
    }

    /** Whether a search for the patterns may recurse for each character of the text. */
    boolean hasRepeatingPattern() {
        return triggerPatterns.stream()
                .anyMatch(pattern -> pattern.contains("*") || pattern.contains("+") || pattern.contains(",}"));
    }

    /** Whether it waits for a trigger. */
    public boolean isLazy() {
        return !triggerPatterns.isEmpty() || !triggerTokens.isEmpty();
    }
}
