package dev.llamapanama.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** llama.cpp's {@code scripts/compare-llama-bench.py} reads our files. */
class CompareScriptTest {
    @TempDir
    private Path folder;

    /** What {@code LlamaBenchData} asks for: the key properties and three more, which it spells out. */
    @Test
    void everyFieldThatTheScriptAsksForIsThere() throws IOException {
        List<String> asked = new ArrayList<>(properties("LLAMA_BENCH_KEY_PROPERTIES"));
        asked.addAll(List.of("build_commit", "test_time", "avg_ts"));
        asked.addAll(properties("LLAMA_BENCH_DB_FIELDS"));

        JsonNode row = new JsonMapper().readTree(Report.jsonl(Rows.throughput().subList(0, 1)));

        assertThat(row.fieldNames()).toIterable().containsAll(asked);
        assertThat(asked)
                .allSatisfy(field ->
                        assertThat(row.get(field).isValueNode()).as(field).isTrue());
        assertThat(asked).hasSizeGreaterThan(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "jsonl", "csv"})
    void theScriptComparesTwoRuns(String format) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(python(), script().toString(), "--tool", "llama-bench", "-b", "aaaaaaa", "-c", "bbbbbbb"));
        List<Path> files = new ArrayList<>();
        for (String commit : List.of("aaaaaaa", "bbbbbbb")) {
            files.add(Files.writeString(
                    folder.resolve(commit), write(format).replace("v0.5.0", commit), StandardCharsets.UTF_8));
        }
        if (format.equals("jsonl")) { // of which the script takes one file
            Files.writeString(files.getFirst(), Files.readString(files.getFirst()) + Files.readString(files.getLast()));
            files.removeLast();
        }
        files.forEach(file -> command.addAll(List.of("-i", file.toString())));

        Output output = run(command);

        assertThat(output.text()).contains("t/s aaaaaaa", "t/s bbbbbbb", "pp512@d2048", "1.00");
        assertThat(output.code()).isZero();
    }

    /** The first on the path, or the distribution's, whose packages python3-git and python3-tabulate it has. */
    private String python() throws InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (run(List.of(python, "-c", "import git, tabulate")).code() == 0) {
                return python;
            }
        }
        return abort("no python3 with GitPython and tabulate");
    }

    private static String write(String format) {
        List<BenchResult> results = Rows.throughput();
        return switch (format) {
            case "json" -> Report.json(results);
            case "jsonl" -> Report.jsonl(results);
            default -> Report.csv(results);
        };
    }

    private record Output(int code, String text) {}

    private Output run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(process.waitFor(), text);
        } catch (IOException e) {
            return new Output(-1, e.toString());
        }
    }

    private static List<String> properties(String name) throws IOException {
        Matcher matcher = Pattern.compile("^" + name + " = \\[(.*?)]", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(Files.readString(script()));
        assertThat(matcher.find()).as(name).isTrue();
        return Arrays.stream(matcher.group(1).split(","))
                .map(text -> text.strip().replace("\"", ""))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** In the sources of the last native build; the test that asks is skipped where they are gone. */
    private static Path script() throws IOException {
        Path source = Path.of("..", "bindings", "target", "cmake", "llama-cpp-dir.txt");
        return Stream.of(
                        Path.of("..", "llama.cpp"),
                        Files.exists(source) ? Path.of(Files.readString(source).strip()) : Path.of(""))
                .map(folder -> folder.resolve("scripts/compare-llama-bench.py").toAbsolutePath())
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> abort("llama.cpp's sources are not there"));
    }
}
