package dev.llamapanama.bench.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/**
 * A page in one file: its style, Chart.js and the data are in it, and its security policy lets it load nothing and run no
 * other script.
 */
final class Page {
    private static final String CHART_JS = "/META-INF/resources/webjars/chart.js/";
    private static final String CHART_JS_VERSION = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

    private Page() {}

    /**
     * The page.
     *
     * @param head what stands above the plots, as HTML
     */
    static String html(String title, String head, List<Section> sections) {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < sections.size(); i++) {
            body.append(sections.get(i).html(i));
        }
        String charts = Html.json(sections.stream().map(Section::chart).toList());
        String library = chartJs("dist/chart.umd.min.js").replaceFirst("(?m)^//# sourceMappingURL=.*$", "");
        String script = text("/dev/llamapanama/bench/html/report.js");
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src %s %s">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <header>
                <h1>%s</h1>
                %s</header>
                <main>
                %s</main>
                <footer>
                <details><summary>Licence of Chart.js, which draws the plots</summary><pre>%s</pre></details>
                </footer>
                <noscript><p>The plots need JavaScript; the figures are in the tables.</p></noscript>
                <script type="application/json" id="charts">%s</script>
                <script>%s</script>
                <script>%s</script>
                </body>
                </html>
                """.formatted(
                        hash(library),
                        hash(script),
                        Html.text(title),
                        text("/dev/llamapanama/bench/html/report.css"),
                        Html.text(title),
                        head,
                        body,
                        Html.text(chartJs("LICENSE.md")),
                        charts,
                        library,
                        script);
    }

    private static String chartJs(String file) {
        Properties properties = new Properties();
        try (InputStream in = open(CHART_JS_VERSION)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text(CHART_JS + properties.getProperty("version") + "/" + file);
    }

    private static String text(String resource) {
        try (InputStream in = open(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = Page.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IOException(resource + " is not on the class path");
        }
        return in;
    }

    /** A script's name in a security policy. */
    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
