package dev.llamapanama.bench.html;

import dev.llamapanama.bench.report.MarkdownTable;
import org.jspecify.annotations.Nullable;

/** Numbers for people. */
final class Numbers {
    private Numbers() {}

    /** With digits enough to tell one percent apart. */
    static String plain(double value) {
        double size = Math.abs(value);
        return MarkdownTable.number(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
    }

    static String plainOrEmpty(@Nullable Double value) {
        return value == null ? "" : plain(value);
    }
}
