package dev.llamapanama.bench.html;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names rows by what differs among them, and by nothing else. */
final class Names<R> {
    private final List<Function<R, String>> differing;
    private final String fallback;

    /**
     * @param properties that may differ
     * @param fallback the name where none does
     */
    Names(Collection<R> rows, List<Function<R, String>> properties, String fallback) {
        this.fallback = fallback;
        differing = properties.stream()
                .filter(property -> rows.stream().map(property).distinct().count() > 1)
                .toList();
    }

    String of(R row) {
        String name = differing.stream()
                .map(property -> property.apply(row))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        return name.isEmpty() ? fallback : name;
    }
}
