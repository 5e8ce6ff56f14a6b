package dev.llamapanama.engine.service;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Whose prompt is computed next, where a step has no time for all.
 *
 * <p>Half of a step is for prompts that have had less than one turn of tokens, in the order that is given: the short ones have
 * their first tokens one after the other, and do not wait behind long ones. The other half is for those that have had more, in
 * turns (what one has had beyond its turn counts in its next one), so that each gets on however many short ones come. What one
 * half does not need the other gets.
 *
 * <p>A piece of each prompt in each step would be as fair, but all first tokens would come late, and attention is slow where
 * short pieces of many sequences lie beside each other in memory. Used by one thread at a time.
 *
 * @param <P> a prompt
 */
final class PromptTurns<P> {
    private final int turn;
    private final Map<P, Integer> shorter = new HashMap<>(); // tokens that each has had
    private final SequencedMap<P, Integer> longer = new LinkedHashMap<>(); // tokens that each has had in its turn

    /** @param turn tokens; a last piece may go beyond */
    PromptTurns(int turn) {
        this.turn = turn;
    }

    /**
     * Shares out the tokens of a step.
     *
     * @param pending the tokens that each prompt could take, in the order in which the short ones should be computed; one that
     *     is missing has ended
     * @param tokens for all of them; may be 0
     * @return tokens for those that get some, in the order in which they should be computed
     */
    SequencedMap<P, Integer> share(SequencedMap<P, Integer> pending, int tokens) {
        shorter.keySet().retainAll(pending.keySet());
        longer.keySet().retainAll(pending.keySet());
        for (P prompt : pending.keySet()) {
            if (!longer.containsKey(prompt)) {
                shorter.putIfAbsent(prompt, 0);
            }
        }
        SequencedMap<P, Integer> parts = new LinkedHashMap<>();
        int wanted = longer.keySet().stream().mapToInt(pending::get).sum();
        int most = Math.max((tokens + 1) / 2, tokens - wanted);
        int left = tokens - take(pending.keySet(), shorter, pending, most, parts);
        take(longer.keySet(), longer, pending, left, parts);
        parts.forEach(this::had);
        return parts;
    }

    /** Gives tokens to the prompts of a line, in an order; how many they got. */
    private static <P> int take(
            Iterable<P> order, Map<P, Integer> line, Map<P, Integer> pending, int tokens, Map<P, Integer> parts) {
        int left = tokens;
        for (P prompt : order) {
            int part = line.containsKey(prompt) ? Math.min(left, pending.get(prompt)) : 0;
            if (part > 0) {
                parts.put(prompt, part);
                left -= part;
            }
        }
        return tokens - left;
    }

    private void had(P prompt, int part) {
        Map<P, Integer> line = shorter.containsKey(prompt) ? shorter : longer;
        int had = line.merge(prompt, part, Integer::sum);
        if (had >= turn) {
            line.remove(prompt);
            longer.put(prompt, had - turn); // behind the others
        }
    }
}
