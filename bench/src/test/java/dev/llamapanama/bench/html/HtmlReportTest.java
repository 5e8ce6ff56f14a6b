package dev.llamapanama.bench.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"charts\">(.*?)</script>");

    @TempDir
    private Path folder;

    @Test
    void saysWhatWasMeasuredHowAndOnWhat() {
        String page = HtmlReport.of(Rows.throughput());

        assertThat(page)
                .contains("A processor with quite a long name, 48 cores")
                .contains("AVX512_VNNI")
                .contains("<dt>Kernels</dt><dd>matrix products with AVX-512 VNNI</dd>")
                .contains("llamapanama 1234567; llama.cpp 0.5.0, libggml-cpu-zen4.so (host build, OpenMP)")
                .contains("llamapanama throughput --model")
                .contains("Permission is hereby granted"); // the licence of what draws the plots
    }

    @Test
    void warnsOfNoise() {
        assertThat(HtmlReport.of(Rows.throughput())).doesNotContain("Noise:").doesNotContain("were measured once");

        String json = Report.json(Rows.throughput().subList(0, 1));
        String noisy = json.replaceFirst("(\"samples_ts\" : \\[ [\\d.]+, [\\d.]+, )[\\d.]+", "$1 500");
        String once = json.replaceFirst("(\"samples_ts\" : \\[ [\\d.]+), [\\d.]+, [\\d.]+", "$1");

        assertThat(page(noisy)).contains("Noise: in 1 of 1 tests");
        assertThat(page(once)).contains("1 of 1 tests were measured once");
    }

    private String page(String json) {
        try {
            Path page = folder.resolve("page.html");
            Path file = Files.writeString(folder.resolve("results.json"), json);
            Cli run = Cli.run("report", "--in", file.toString(), "--out", page.toString());
            assertThat(run.code()).as(run.err()).isZero();
            return Files.readString(page);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void plotsWhatTheRowsHave() throws IOException {
        assertThat(titles(HtmlReport.of(Rows.files(), List.of(), List.of())))
                .containsExactly(
                        "The engine beside native tools",
                        "Prompt processing",
                        "Prompt processing by threads",
                        "Prompt processing by depth",
                        "Generation",
                        "Generation by threads",
                        "Generation by depth",
                        "Share of the machine's ceiling",
                        "Prompt processing of parallel streams",
                        "Prompt processing of each stream",
                        "Generation of parallel streams",
                        "Generation of each stream",
                        "Inter-token latency",
                        "Time to first token by prompt length",
                        "Time to first token by cached share",
                        "Loads and first decodes",
                        "From the start of a process to its first text",
                        "Variants: pp512",
                        "Memory bandwidth by threads",
                        "Multiplication by threads");
        assertThat(titles(HtmlReport.of(Rows.throughput().subList(0, 1))))
                .containsExactly("Prompt processing", "Share of the machine's ceiling");
    }

    @Test
    void pointsHoldMedianIntervalAndSamples() throws IOException {
        JsonNode chart = data(HtmlReport.of(Rows.throughput().subList(0, 1))).get(0);

        JsonNode point = chart.get("series").get(0).get("points").get(0);
        assertThat(point.get("value").asDouble()).isEqualTo(75);
        assertThat(point.get("low").asDouble()).isEqualTo(0.97 * 75);
        assertThat(point.get("high").asDouble()).isEqualTo(1.04 * 75);
        assertThat(point.get("samples")).hasSize(3);
    }

    @Test
    void promptsOfSeveralLengthsStandBelowTheirRoofline() throws IOException {
        JsonNode charts = data(HtmlReport.of(Stream.of(1, 4, 64)
                .map(prompt -> Rows.throughput("a.gguf", 2, prompt, 0, 0, 20 * Math.min(prompt, 8)))
                .toList()));
        List<JsonNode> rooflines = charts.valueStream()
                .filter(chart -> chart.get("title").asText().startsWith("Roofline"))
                .toList();

        assertThat(rooflines)
                .extracting(chart -> chart.get("title").asText())
                .containsExactly("Roofline: operations", "Roofline: memory");
        assertThat(values(rooflines.get(0), "achieved"))
                .containsExactly(20.0, 80.0, 160.0); // Gop/s at 1 Gop for a token
        assertThat(values(rooflines.get(0), "attainable")).containsExactly(30.0, 120.0, 300.0);
        assertThat(values(rooflines.get(1), "achieved")).containsExactly(10.0, 10.0, 1.25); // GB/s at 0.5 GB for all
        assertThat(values(rooflines.get(1), "attainable")).containsExactly(15.0, 15.0, 300 * 0.5 / 64);
    }

    private static List<Double> values(JsonNode chart, String series) {
        return chart.get("series")
                .valueStream()
                .filter(one -> one.get("name").asText().equals(series))
                .flatMap(one -> one.get("points").valueStream())
                .map(point -> point.get("value").asDouble())
                .toList();
    }

    @Test
    void ratiosHaveALineAtOneAndTheirInterval() throws IOException {
        ResultFile file = ResultFile.of("compare.json", List.of(Rows.ratio("pp512", 1.5)));

        JsonNode chart =
                data(HtmlReport.of(List.of(file), List.of(), List.of())).get(0);

        assertThat(chart.get("line").asDouble()).isEqualTo(1);
        JsonNode point = chart.get("series").get(0).get("points").get(0);
        assertThat(point.get("low").asDouble()).isEqualTo(1.48);
        assertThat(point.get("high").asDouble()).isEqualTo(1.53);
    }

    @Test
    void firstTokensAreLinesOverLengthAndShare() throws IOException {
        JsonNode charts = data(HtmlReport.of(
                List.of(ResultFile.of(
                        "latency.json",
                        List.of(
                                Rows.latency(64, 0),
                                Rows.latency(64, 63),
                                Rows.latency(512, 0),
                                Rows.latency(512, 511)))),
                List.of(),
                List.of()));

        assertThat(charts.get(0).get("series").findValuesAsText("name")).containsExactly("0 % cached", "100 % cached");
        JsonNode point = charts.get(0).get("series").get(0).get("points").get(1);
        assertThat(point.get("x").asInt()).isEqualTo(512);
        assertThat(point.get("value").asDouble()).isEqualTo(517);
        assertThat(point.get("low").asDouble()).isEqualTo(516);
        assertThat(charts.get(1).get("series").findValuesAsText("name"))
                .containsExactly("prompt of 64 tokens", "prompt of 512 tokens");
    }

    /** Rows of one number of threads, or of one prompt, make no line; they are shown all the same. */
    @Test
    void singleRowsAreBars() throws IOException {
        ResultFile file =
                ResultFile.of("few.json", List.of(Rows.latency(64, 0), Rows.limit("memory read", "bytes/s", 2, 35e9)));

        JsonNode charts = data(HtmlReport.of(List.of(file), List.of(), List.of()));

        assertThat(charts.findValuesAsText("title")).containsExactly("Time to first token", "Memory bandwidth");
        assertThat(charts.findValuesAsText("kind")).containsOnly("bars");
    }

    /** Nothing from a result file may be read as HTML, neither in text, nor in attributes, nor in the data of the plots. */
    @Test
    void namesOfModelsAreMereText() throws IOException {
        String plain = HtmlReport.of(List.of(hostile("harmless")), List.of(), List.of());
        String page = HtmlReport.of(List.of(hostile(Rows.HOSTILE)), List.of(), List.of());

        assertThat(page).doesNotContain("<script>window").doesNotContain("<img");
        for (String sign : List.of("<script", "</script", "<!--", "<img")) {
            assertThat(count(page, sign)).as(sign).isEqualTo(count(plain, sign));
        }
        assertThat(data(page).toString()).contains("</script><script>window.injected"); // whole, when read as JSON
    }

    private static ResultFile hostile(String text) {
        return ResultFile.of(
                "file of " + text,
                List.of(
                        Rows.throughput(text, 1, 512, 0, 0, 75),
                        Rows.throughput("other" + text, 1, 512, 0, 0, 75),
                        Rows.streams(1),
                        Rows.ratio(text, 1),
                        Rows.latency(text, 8, 0, 1_000_000),
                        Rows.variant(text, text, 1),
                        Rows.limit(text, "bytes/s", 1, 1e9),
                        Rows.ratio("pp512", 1),
                        Map.of("unknown", text)));
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void loadsNothing() {
        String page = HtmlReport.of(Rows.files(), List.of(), List.of());

        assertThat(page)
                .contains("default-src 'none'")
                .doesNotContain("src=\"")
                .doesNotContain("<link")
                .doesNotContain("sourceMappingURL");
    }

    @Test
    void theCommandMakesAPageOfSeveralFiles() throws IOException {
        Path throughput = Files.writeString(folder.resolve("a.json"), Report.json(Rows.throughput()));
        Path streams =
                Files.writeString(folder.resolve("b.jsonl"), Report.jsonl(List.of(Rows.streams(2), Map.of("x", 1))));
        Path out = folder.resolve("page.html");

        Cli run = Cli.run("report", "--in", throughput + "," + streams, "--out", out.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(out).content().contains("b.jsonl: 1 of 2 rows are of a kind that is not shown.");
        assertThat(titles(Files.readString(out))).contains("Prompt processing", "Generation of parallel streams");
    }

    @Test
    void aFileWithoutResultsIsAWrongArgument() throws IOException {
        for (String text : List.of("no json", "", "[]", "{\"x\": 1}")) {
            Path file = Files.writeString(folder.resolve("a.json"), text);
            Path page = folder.resolve("p");

            Cli run = Cli.run("report", "--in", file.toString(), "--out", page.toString());

            assertThat(run.code()).as(text).isEqualTo(2);
            assertThat(run.err().strip()).contains("a.json").doesNotContain("\n");
            assertThat(page).doesNotExist();
        }
    }

    private static List<String> titles(String page) throws IOException {
        return data(page).findValuesAsText("title");
    }

    private static JsonNode data(String page) throws IOException {
        Matcher matcher = DATA.matcher(page);
        assertThat(matcher.find()).isTrue();
        return new JsonMapper().readTree(matcher.group(1));
    }
}
