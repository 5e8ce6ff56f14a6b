package dev.llamapanama.bench.requests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whole runs on a tiny model. */
class RequestsCommandTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> SMALL = List.of(
            "--model",
            TinyModel.file().toString(),
            "--threads",
            "1",
            "--streams",
            "1,3",
            "--prompt",
            "16",
            "--gen",
            "8",
            "--long-prompt",
            "60",
            "--shared",
            "60",
            "--repetitions",
            "1",
            "--quiet");

    private static Cli run(String command, String... more) {
        return Cli.run(Stream.of(List.of(command), SMALL, List.of(more))
                .flatMap(List::stream)
                .toArray(String[]::new));
    }

    private static List<JsonNode> rows(Cli cli) throws IOException {
        assertThat(cli.code()).as(cli.err()).isZero();
        List<JsonNode> rows = new ArrayList<>();
        JSON.readTree(cli.out()).forEach(rows::add);
        return rows;
    }

    private static Set<String> names(List<JsonNode> rows, String field) {
        return rows.stream().map(row -> row.get(field).asText()).collect(Collectors.toSet());
    }

    @Test
    void theServicePlaysAllScenes() throws IOException {
        List<JsonNode> rows = rows(run("requests", "--format", "json", "--scenes", "streams,arrival,prefix"));
        assertThat(names(rows, "scene"))
                .containsExactlyInAnyOrder("1 requests", "3 requests", "prompt of 60 beside 4", "prefix of 60");
        assertThat(names(rows, "target")).containsExactly("engine");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.get("value").asDouble()).isPositive();
            assertThat(row.get("machine").get("cpu").asText()).isNotEmpty();
            assertThat(row.get("command").asText()).startsWith("llamapanama requests ");
        });
    }

    @Test
    void theServerIsMeasuredInTurnWithTheEngine() throws IOException {
        Oracle.tool("llama-server");
        List<JsonNode> rows = rows(
                run("requests", "--format", "json", "--against", "llama-server", "--scenes", "streams,arrival,prefix"));
        assertThat(names(rows, "target")).containsExactlyInAnyOrder("engine", "engine, kernels off", "llama-server");
        for (String target : names(rows, "target")) {
            assertThat(rows.stream().filter(row -> row.get("target").asText().equals(target)))
                    .as(target)
                    .hasSize(4 + 4 + 2 + 3)
                    .allMatch(row -> row.get("value").asDouble() > 0);
        }
        Cli table = run("requests", "--against", "llama-server", "--scenes", "prefix");
        assertThat(table.out()).contains("of llama-server", "second / first %");
    }

    /** A tiny model may be done with any prompt before it is given up, which is an error then and no figure. */
    @Test
    void aCancelledPromptMakesRoomForTheNextRequest() throws IOException {
        List<String> small = new ArrayList<>(SMALL);
        small.set(small.indexOf("--long-prompt") + 1, "3000");
        small.addAll(List.of("--format", "json", "--scenes", "cancel"));
        small.addFirst("requests");
        Cli cli = Cli.run(small.toArray(String[]::new));
        if (cli.code() == 1) {
            assertThat(cli.err()).contains("take a longer one");
        } else {
            assertThat(names(rows(cli), "figure")).containsExactlyInAnyOrder("TTFT alone ms", "TTFT after ms");
        }
    }

    @Test
    void wrongArgumentsAreRefusedBeforeAnyWork() {
        for (String[] wrong : new String[][] {
            {"--streams", "0"}, {"--streams", "129"}, {"--gen", "1"}, {"--scenes", "nonsense"}, {"--against", "nobody"}
        }) {
            Cli cli = run("requests", wrong);
            assertThat(cli.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(cli.err().lines()).hasSize(1);
        }
    }

    @Test
    void guessingGivesTheSameTokens() throws IOException {
        String successors = new ForgeCache(Path.of("target", "models"))
                .get(TinyModels.llama().withSuccessor())
                .toString();
        Cli cli = Cli.run(
                "lookup",
                "--model",
                TinyModel.file().toString(),
                "--successor-model",
                successors,
                "--draft-model",
                successors,
                "--threads",
                "1",
                "--gen",
                "60",
                "--repetitions",
                "1",
                "--quiet",
                "--format",
                "json");
        List<JsonNode> rows = rows(cli);
        assertThat(names(rows, "task"))
                .containsExactlyInAnyOrder("likeliest tokens", "six tokens at random", "a text is edited");
        assertThat(rows).hasSize(6).allSatisfy(row -> {
            assertThat(row.get("guesses").asText()).isIn("prompt lookup", "draft model");
            assertThat(row.get("accepted").asLong())
                    .isLessThanOrEqualTo(row.get("drafted").asLong());
            assertThat(row.get("median_ratio").asDouble()).isPositive();
        });
        assertThat(rows)
                .filteredOn(row -> row.get("task").asText().equals("a text is edited"))
                .allSatisfy(row -> {
                    assertThat(row.get("same_output").asBoolean()).isTrue();
                    assertThat(row.get("accepted").asLong()).isPositive();
                });
    }
}
