package dev.llamapanama.bench.html;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.history.HistoryEntry;
import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it. Pictures for people are left in {@code target/report}. */
class HtmlReportBrowserTest {
    private static final Path PICTURES = Path.of("target", "report");

    @TempDir
    private Path folder;

    @Test
    void opensOfflineOnADesktopAndOnAPhoneInLightAndDark() throws IOException, InterruptedException {
        Files.createDirectories(PICTURES);
        Path page = PICTURES.resolve("report.html").toAbsolutePath();
        List<ResultFile> files = Rows.files();
        List<HistoryEntry> history = history(files);
        Files.writeString(page, HtmlReport.of(files, history, List.of()));

        try (Browser browser = new Browser(folder)) {
            browser.open(page, 1280, 900, false);
            checkPlots(browser);
            browser.screenshot(PICTURES.resolve("desktop.png"));

            browser.open(page, 1280, 900, true);
            assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor")
                            .asText())
                    .isEqualTo("rgb(20, 23, 28)");
            checkPlots(browser);
            browser.screenshot(PICTURES.resolve("dark.png"));

            browser.open(page, 390, 844, false);
            checkPlots(browser);
            assertThat(browser.evaluate("document.documentElement.scrollWidth - innerWidth")
                            .asInt())
                    .isNotPositive();
            assertThat(browser.evaluate("innerWidth").asInt()).isEqualTo(390);
            browser.screenshot(PICTURES.resolve("phone.png"));

            assertThat(browser.evaluate("typeof window.injected").asText()).isEqualTo("undefined");
            assertThat(browser.problems()).isEmpty();
        }
    }

    private static List<HistoryEntry> history(List<ResultFile> files) {
        return IntStream.rangeClosed(1, 3)
                .mapToObj(i -> HistoryEntry.of(
                        "0." + i + ".0",
                        Rows.machine("abcdef" + i),
                        files.stream().flatMap(file -> file.rows().stream()).toList()))
                .toList();
    }

    private static void checkPlots(Browser browser) throws InterruptedException {
        int plots =
                browser.evaluate("document.querySelectorAll('canvas').length").asInt();
        assertThat(plots).isGreaterThanOrEqualTo(10);
        assertThat(browser.evaluate("document.querySelectorAll('section table').length")
                        .asInt())
                .isEqualTo(plots);
        assertThat(browser.evaluate("""
                        [...document.querySelectorAll('canvas')].filter(canvas => {
                          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                          return canvas.clientHeight > 100 && pixels.some(value => value !== 0);
                        }).length""").asInt()).isEqualTo(plots);
    }

    /** A script that came in with a name of a model must not run: this one would, if the page let it. */
    @Test
    void thePolicyOfThePageStopsOtherScripts() throws IOException, InterruptedException {
        Path page = folder.resolve("injected.html");
        Files.writeString(
                page,
                HtmlReport.of(Rows.files(), List.of(), List.of())
                        .replace("</main>", "<script>window.injected = true</script></main>"));

        try (Browser browser = new Browser(folder.resolve("profile"))) {
            browser.open(page, 1280, 900, false);

            assertThat(browser.evaluate("typeof window.injected").asText()).isEqualTo("undefined");
            assertThat(browser.evaluate("document.querySelectorAll('canvas').length")
                            .asInt())
                    .isPositive();
        }
    }
}
