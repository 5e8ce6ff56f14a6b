package dev.llamapanama.bench.html;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a page: a plot with its figures.
 *
 * @param notes what to know when reading it
 * @param table the figures; null where the plot's own table says all
 */
record Section(Chart chart, List<String> notes, @Nullable HtmlTable table) {
    Section(Chart chart, String... notes) {
        this(chart, List.of(notes), null);
    }

    /**
     * The element.
     *
     * @param id of the plot in the page
     */
    String html(int id) {
        String title = chart.title();
        return """
                <section>
                <h2>%s</h2>
                %s<div class="plot"><canvas id="plot-%d" role="img" aria-label="Plot: %s. The table below has its figures."></canvas></div>
                <details%s><summary>Figures</summary>
                %s</details>
                </section>
                """.formatted(
                        Html.text(title),
                        Html.list(notes),
                        id,
                        Html.text(title),
                        table == null ? "" : " open",
                        (table == null ? chart.table() : table).html("Figures: " + title));
    }
}
