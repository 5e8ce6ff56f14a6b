package dev.llamapanama.bench.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    private static final String CLEAN = "1234567";

    @TempDir
    private Path folder;

    private Path history;

    @BeforeEach
    void nameTheFolder() {
        history = folder.resolve("history");
    }

    @Test
    void addsALineThatNeedsNoOtherFile() throws IOException {
        Path throughput = write("throughput.json", Report.json(Rows.throughput()));
        Path more = write("more.jsonl", Report.jsonl(List.of(Rows.streams(4), Rows.ratio("pp512", 0.99))));

        Cli run = add(throughput + "," + more, "0.1.0");

        assertThat(run.code()).isZero();
        assertThat(history.resolve("a-processor-with-quite-a-long-name-48-cores-48-cores.jsonl"))
                .content()
                .hasLineCount(1);
        HistoryEntry entry = History.read(history).entries().getFirst();
        assertThat(entry.format()).isEqualTo(1);
        assertThat(entry.label()).isEqualTo("0.1.0");
        assertThat(entry.date()).isEqualTo("2026-11-21T12:00:00Z");
        assertThat(entry.machine()).isEqualTo(Rows.machine(CLEAN));
        assertThat(entry.commands()).hasSize(2);
        BenchResult first = Rows.throughput().getFirst();
        assertThat(entry.figures()).hasSize(Rows.throughput().size() + 3 + 1);
        assertThat(entry.figures().getFirst())
                .isEqualTo(new Figure(
                        "prompt",
                        first.test(),
                        "Qwen2.5-0.5B-Instruct-Q8_0.gguf",
                        1,
                        null,
                        "tok/s",
                        first.medianTs(),
                        null,
                        null));
        assertThat(entry.figures().getLast().value()).isEqualTo(0.99);
    }

    @Test
    void printsATable() throws IOException {
        add(write("a.json", Report.json(Rows.throughput())).toString(), "0.1.0");

        Cli run = Cli.run("history", "--history", history.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("| 0.1.0 | 1234567 |").contains("pp512 @ d2048");
    }

    @Test
    void noHistoryIsNoError() {
        Cli run = Cli.run("history", "--history", history.toString());

        assertThat(run.code()).isZero();
        assertThat(run.err()).contains("No history in ");
    }

    @Test
    void resultsThatNoCommitCanMakeAgainAreRefused() throws IOException {
        for (String commit : List.of("1234567-dirty", "unknown")) {
            Path file = write("dirty.json", Report.json(Rows.throughput()).replace(CLEAN, commit));

            Cli refused = add(file.toString(), "x");

            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.err().strip())
                    .contains(commit, "--allow-unclean")
                    .doesNotContain("\n");
            assertThat(history).doesNotExist();
        }

        Cli told = add(folder.resolve("dirty.json").toString(), "x", "--allow-unclean");

        assertThat(told.code()).isZero();
        assertThat(History.read(history).entries()).hasSize(1);
    }

    @Test
    void resultsOfTwoBuildsAreRefused() throws IOException {
        String json = Report.json(Rows.throughput());
        Path one = write("one.json", json);
        Path other = write("other.json", json.replace(CLEAN, "7654321"));

        Cli run = add(one + "," + other, "x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(history).doesNotExist();
    }

    @Test
    void resultsOfOtherToolsAloneAreRefused() throws IOException {
        Path file =
                write("batched.jsonl", "{\"pp\": 16, \"tg\": 8, \"pl\": 2, \"speed_pp\": 1.5, \"speed_tg\": 2.5}\n");

        Cli run = add(file.toString(), "x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no results of the engine");
    }

    /** Runs that differ in a setting only are lines of their own in a plot. */
    @Test
    void settingsAreAPartOfAFigure() {
        List<Object> rows = new ArrayList<>(List.of(Rows.streams(4), Rows.ratio("pp512", 0.99)));
        for (Map<String, Object> settings : List.<Map<String, Object>>of(
                Map.of("n_batch", 64),
                Map.of("n_ubatch", 64),
                Map.of("type_kv", "q8_0", "type_k", "q8_0", "type_v", "q8_0"))) {
            rows.add(with(Rows.streams(4), settings));
            rows.add(with(Rows.ratio("pp512", 0.99), settings));
        }
        rows.add(with(Rows.streams(4), Map.of("flash_attn", 1)));
        rows.add(with(Rows.ratio("pp512", 0.99), Map.of("flash_attn", "on")));

        List<String> names = ResultFile.of("rows", rows).rows().stream()
                .flatMap(row -> Figure.of(row).stream())
                .map(figure -> figure.kind() + ": " + figure.name())
                .toList();

        assertThat(names).hasSize(5 * 4).doesNotHaveDuplicates();
        assertThat(names).anyMatch(name -> name.endsWith("KV q8_0 q8_0"));
        assertThat(names).filteredOn(name -> name.endsWith("fa 1")).hasSize(4);
    }

    private static Map<String, Object> with(Map<String, Object> row, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(row);
        all.putAll(settings);
        return all;
    }

    @Test
    void filesOfSomethingElseAreWrongArguments() throws IOException {
        Cli run = add(write("a.txt", "hello").toString(), "x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip()).contains("a.txt").doesNotContain("\n");
    }

    @Test
    void readsWhatItCanOfOlderNewerAndBrokenLines() throws IOException {
        Files.createDirectories(history);
        Files.writeString(history.resolve("a.jsonl"), """
                {"label": "first", "figures": [{"kind": "prompt", "test": "pp512", "model": "m", "unit": "tok/s", "value": 1.5}]}
                {"format": 99, "label": "from the future"}

                {"format": 1, "label": "second", "date": "2026-01-01T00:00:00Z", "a field of later": 1}
                {"format": 1, "lab
                """);

        History read = History.read(history);

        assertThat(read.entries()).extracting(HistoryEntry::label).containsExactly("first", "second");
        assertThat(read.entries().getFirst().figures().getFirst().value()).isEqualTo(1.5);
        assertThat(read.notes()).hasSize(2);
        assertThat(read.notes().getFirst()).contains("a.jsonl, line 2", "format 99");
        assertThat(read.notes().getLast()).contains("a.jsonl, line 5");
    }

    @Test
    void aLineThatWasCutShortDoesNotSpoilTheNext() throws IOException {
        Path file = History.append(history, entry("0"));
        Files.writeString(file, "{\"format\": 1, \"la", StandardOpenOption.APPEND);

        History.append(history, entry("1"));

        assertThat(History.read(history).entries())
                .extracting(HistoryEntry::label)
                .containsExactly("0", "1");
    }

    private static HistoryEntry entry(String label) {
        return HistoryEntry.of(
                label,
                Rows.machine(CLEAN),
                ResultFile.of("rows", Rows.throughput()).rows());
    }

    private Cli add(String files, String label, String... more) {
        List<String> args = new ArrayList<>(
                List.of("history", "add", "--in", files, "--label", label, "--history", history.toString()));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
