package dev.llamapanama.bench.html;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plot, as {@code report.js} reads it.
 *
 * @param xTitle what the points' labels or numbers are
 * @param unit of the values
 * @param series what a colour stands for
 * @param line a value to draw a line at
 */
record Chart(
        Kind kind,
        String title,
        String xTitle,
        String unit,
        List<Series> series,
        @Nullable Double line) {
    /** How points are drawn. */
    enum Kind {
        /** A bar for each label, from zero. */
        BARS,
        /** A dot with its interval for each label, on an axis that need not begin at zero. */
        DOTS,
        /** Lines over labels, from left to right. */
        STEPS,
        /** Lines over numbers. */
        LINES,
        /** Lines over numbers of which each is about double the one before. */
        LOG_LINES;

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Points of one colour. */
    record Series(String name, List<Point> points) {}

    /**
     * A measured value.
     *
     * @param label place among labels; null where {@code x} is the place
     * @param low lower end of the interval that is drawn
     * @param high upper end of the interval that is drawn
     * @param samples single measurements, which are drawn too
     */
    record Point(
            @Nullable String label,
            @Nullable Integer x,
            double value,
            @Nullable Double low,
            @Nullable Double high,
            @Nullable List<Double> samples) {
        static Point at(String label, double value, @Nullable Double low, @Nullable Double high) {
            return new Point(label, null, value, low, high, null);
        }

        static Point at(int x, double value, @Nullable Double low, @Nullable Double high) {
            return new Point(null, x, value, low, high, null);
        }

        Point withSamples(@Nullable List<Double> samples) {
            return new Point(label, x, value, low, high, samples);
        }

        private String place() {
            return label == null ? String.valueOf(x) : label;
        }
    }

    Chart withLine(double value) {
        return new Chart(kind, title, xTitle, unit, series, value);
    }

    boolean isEmpty() {
        return series.isEmpty();
    }

    /** The same figures for those who do not see the plot. */
    HtmlTable table() {
        boolean intervals = series.stream().flatMap(s -> s.points.stream()).anyMatch(point -> point.low != null);
        HtmlTable table = new HtmlTable().text("series").text(xTitle).number(unit);
        if (intervals) {
            table.number("low").number("high");
        }
        for (Series one : series) {
            for (Point point : one.points) {
                List<String> cells = new ArrayList<>(List.of(one.name, point.place(), Numbers.plain(point.value)));
                if (intervals) {
                    cells.add(Numbers.plainOrEmpty(point.low));
                    cells.add(Numbers.plainOrEmpty(point.high));
                }
                table.row(cells);
            }
        }
        return table;
    }

    /** What stands on the axis of labels. */
    Set<String> labels() {
        Set<String> labels = new LinkedHashSet<>();
        series.forEach(one -> one.points.forEach(point -> labels.add(point.place())));
        return labels;
    }
}
