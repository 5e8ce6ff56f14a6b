package dev.llamapanama.bench.html;

import dev.llamapanama.bench.history.Figure;
import dev.llamapanama.bench.history.HistoryEntry;
import dev.llamapanama.bench.html.Chart.Kind;
import dev.llamapanama.bench.html.Chart.Point;
import java.util.ArrayList;
import java.util.List;

/** Plots of the figures of former runs, one for each kind of figure. */
final class HistorySections {
    private record Dated(HistoryEntry entry, Figure figure) {
        String machine() {
            return entry.machine() == null ? "" : entry.machine().cpu();
        }

        String place() {
            return entry.commit().isEmpty() ? entry.label() : entry.label() + ", " + entry.commit();
        }
    }

    private final List<Dated> figures;

    HistorySections(List<HistoryEntry> entries) {
        figures = entries.stream()
                .flatMap(entry -> entry.figures().stream().map(figure -> new Dated(entry, figure)))
                .toList();
    }

    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        for (String kind :
                figures.stream().map(dated -> dated.figure().kind()).distinct().toList()) {
            sections.add(new Section(chart(
                    kind,
                    figures.stream()
                            .filter(dated -> dated.figure().kind().equals(kind))
                            .toList())));
        }
        return sections;
    }

    private static Chart chart(String kind, List<Dated> some) {
        Names<Dated> series = new Names<>(
                some,
                List.of(
                        dated -> dated.figure().test(),
                        dated -> dated.figure().model(),
                        dated -> dated.figure().threads() + " threads",
                        dated -> dated.figure().settings() == null
                                ? ""
                                : dated.figure().settings(),
                        Dated::machine),
                some.getFirst().figure().name());
        String unit = some.getFirst().figure().unit();
        Chart chart = Plots.overLabels(
                Kind.STEPS,
                "History: " + kind,
                "run",
                unit,
                some,
                series::of,
                dated -> Point.at(
                        dated.place(),
                        dated.figure().value(),
                        dated.figure().low(),
                        dated.figure().high()));
        return unit.equals("ratio") ? chart.withLine(1) : chart;
    }
}
