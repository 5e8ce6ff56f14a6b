package dev.llamapanama.bench.html;

import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import dev.llamapanama.bench.html.Chart.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Puts points into series. */
final class Plots {
    private Plots() {}

    /** A plot over labels. A label that comes twice in a series gets a number. */
    static <R> Chart overLabels(
            Kind kind,
            String title,
            String xTitle,
            String unit,
            List<R> rows,
            Function<R, String> series,
            Function<R, Point> point) {
        Map<String, List<Point>> points = new LinkedHashMap<>();
        for (R row : rows) {
            List<Point> ofSeries = points.computeIfAbsent(series.apply(row), name -> new ArrayList<>());
            ofSeries.add(unique(point.apply(row), ofSeries));
        }
        return new Chart(kind, title, xTitle, unit, series(points), null);
    }

    private static Point unique(Point point, List<Point> others) {
        String label = String.valueOf(point.label());
        for (int i = 2; has(others, label); i++) {
            label = point.label() + " (" + i + ")";
        }
        return new Point(label, point.x(), point.value(), point.low(), point.high(), point.samples());
    }

    private static boolean has(List<Point> points, String label) {
        return points.stream().anyMatch(point -> label.equals(point.label()));
    }

    /** A plot over numbers; series in which the number never changes are left out. */
    static <R> Chart overNumbers(
            Kind kind,
            String title,
            String xTitle,
            String unit,
            List<R> rows,
            Function<R, String> series,
            Function<R, Point> point) {
        return new Chart(kind, title, xTitle, unit, seriesOverNumbers(rows, series, point), null);
    }

    /** Its series alone. */
    static <R> List<Series> seriesOverNumbers(List<R> rows, Function<R, String> series, Function<R, Point> point) {
        Map<String, List<Point>> points = new LinkedHashMap<>();
        rows.forEach(row -> points.computeIfAbsent(series.apply(row), name -> new ArrayList<>())
                .add(point.apply(row)));
        points.values()
                .removeIf(ofSeries -> ofSeries.stream().map(Point::x).distinct().count() < 2);
        points.values().forEach(ofSeries -> ofSeries.sort(Comparator.comparingInt(Plots::x)));
        return series(points);
    }

    private static int x(Point point) {
        return point.x() == null ? 0 : point.x();
    }

    private static List<Series> series(Map<String, List<Point>> points) {
        return points.entrySet().stream()
                .map(entry -> new Series(entry.getKey(), List.copyOf(entry.getValue())))
                .toList();
    }
}
