package dev.llamapanama.engine.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How deep {@code llama_grammar_detect_left_recursion} recurses into the rules of a grammar: from a rule into those that
 * can come first in it.
 */
final class RuleDepth {
    /** Stands for anything but a rule. */
    static final String TERMINAL = "";

    private final Map<String, List<List<String>>> rules = new HashMap<>(); // alternates, each a list of items

    void define(String name, List<List<String>> alternates) {
        rules.put(name, alternates);
    }

    boolean isDefined(String name) {
        return rules.containsKey(name);
    }

    /** Whether some chain of rules that begin with one another is longer than {@code limit}. All must be defined. */
    boolean exceeds(int limit) {
        if (rules.size() <= limit) {
            return false;
        }
        Set<String> done = new HashSet<>();
        Map<String, Integer> heights = new HashMap<>();
        for (String rule : rules.keySet()) {
            if (!done.contains(rule) && search(rule, done, heights) > limit) {
                return true;
            }
        }
        return false;
    }

    private static final class Visit {
        final String rule;
        final Iterator<String> next;
        int height = 1;

        Visit(String rule, Iterator<String> next) {
            this.rule = rule;
            this.next = next;
        }
    }

    /** Depth-first, without recursion. Left recursion, which llama.cpp refuses, ends a chain. */
    private int search(String start, Set<String> done, Map<String, Integer> heights) {
        Deque<Visit> path = new ArrayDeque<>();
        Set<String> onPath = new HashSet<>();
        path.push(new Visit(start, leading(start).iterator()));
        onPath.add(start);
        while (true) {
            Visit visit = path.element();
            if (visit.next.hasNext()) {
                String rule = visit.next.next();
                if (done.contains(rule)) {
                    visit.height = Math.max(visit.height, 1 + heights.get(rule));
                } else if (onPath.add(rule)) {
                    path.push(new Visit(rule, leading(rule).iterator()));
                }
            } else {
                path.pop();
                onPath.remove(visit.rule);
                done.add(visit.rule);
                heights.put(visit.rule, visit.height);
                if (path.isEmpty()) {
                    return visit.height;
                }
                path.element().height = Math.max(path.element().height, 1 + visit.height);
            }
        }
    }

    /** The rules that llama.cpp's check visits from a rule: those before the first item that is not empty. */
    private List<String> leading(String rule) {
        List<String> leading = new ArrayList<>();
        for (List<String> alternate : rules.get(rule)) {
            for (String item : alternate) {
                if (item.equals(TERMINAL)) {
                    break;
                }
                leading.add(item);
                if (rules.get(item).stream().noneMatch(List::isEmpty)) {
                    break;
                }
            }
        }
        return leading;
    }
}
