package dev.llamapanama.bench.variants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.bench.TinyModel;
import dev.llamapanama.engine.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariantsCommandTest {
    @TempDir
    private Path builds;

    private Cli run(String yaml, String... more) throws IOException {
        return runFile(Files.writeString(builds.resolve("variants.yaml"), yaml), more);
    }

    private Cli runFile(Path file, String... more) throws IOException {
        List<String> args = new ArrayList<>(List.of("variants", "--quiet", "--file", file.toString()));
        args.addAll(List.of(
                "--builds", builds.toString(), "--models", TinyModel.file().toString()));
        args.addAll(List.of("--tests", "pp16,tg4,tg4@d16", "--threads", "2", "--rounds", "2"));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    @Test
    void measuresBuildsAndSettingsOfTheEngine() throws IOException {
        Files.createDirectories(builds.resolve("own"));
        Files.createSymbolicLink(builds.resolve("own/lib"), Backend.load().directory());
        Path foreign = Files.createDirectories(builds.resolve("foreign/lib"));
        String properties = Files.readString(Backend.load().directory().resolve("native.properties"));
        Files.writeString(
                foreign.resolve("native.properties"),
                properties.replaceFirst("cpu.features=.*", "cpu.features=AVX512_OF_TOMORROW"));

        Cli run = run("""
                variants:
                  - name: own build
                    build: own
                  - name: another CPU's
                    build: foreign
                  - name: all else
                    environment: {GLIBC_TUNABLES: glibc.malloc.hugetlb=1}
                    jvm-options: [-Xmx100m]
                    options: {threads: 1, load-mode: none}
                """, "--format", "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        JsonNode results = new JsonMapper().readTree(run.out());
        assertThat(results).hasSize(9);
        assertThat(results.get(0).get("speeds")).hasSize(2);
        assertThat(results.get(0).get("machine").get("cpu"))
                .isEqualTo(results.get(0).get("cpu_info"));
        assertThat(results.get(0).get("command").asText()).startsWith("llamapanama variants --quiet");
        assertThat(results.get(1).get("not_measured").asText()).contains("AVX512_OF_TOMORROW");
        assertThat(results.get(2).get("median_ratio").asDouble()).isPositive();
        assertThat(results.get(8).get("test").asText()).isEqualTo("tg4 @ d16");
        assertThat(results.get(8).get("variant").get("jvm-options").get(0).asText())
                .isEqualTo("-Xmx100m");
    }

    @Test
    void measuresWithLlamaBench() throws IOException {
        Files.createDirectories(builds.resolve("own"));
        Files.createSymbolicLink(
                builds.resolve("own/tools"), Oracle.tool("llama-bench").getParent());

        Cli run = run("""
                variants:
                  - name: engine
                  - name: tool
                    program: llama-bench
                    build: own
                    options: {poll: 0}
                """);

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("| engine ").contains("| tool ").contains("Medians of 2 rounds");
    }

    @Test
    void whatFailsSaysWhichVariant() throws IOException {
        Cli run = run("variants: [{name: a}, {name: b, jvm-options: [-XX:NoSuchOption]}]");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().strip()).contains("variant 'b'").doesNotContain("\n");
    }

    @Test
    void missingBuildsAreNamedBeforeAnyWork() throws IOException {
        Cli libraries = run("variants: [{name: a, build: native-x}]");
        Cli tool = run("variants: [{name: a}, {name: b, program: llama-bench}]");

        assertThat(libraries.code()).isEqualTo(2);
        assertThat(libraries.err()).contains("native-x").contains("cmake/variants.sh");
        assertThat(tool.code()).isEqualTo(2);
        assertThat(tool.err()).contains("llama-bench");
    }

    @Test
    void aBuildOfTheProjectsFileThatWasNotMadeIsARow() throws IOException {
        Path file = Files.createDirectories(builds.resolve("bench")).resolve("variants.yaml");
        Files.writeString(file, """
                variants:
                  - name: own
                  - name: PGO
                    build: native-pgo
                  - name: a tool
                    build: native-pgo
                    program: llama-bench
                """);

        Cli all = runFile(file);
        Cli chosen = runFile(file, "--only", "PGO");
        Cli typo = runFile(file, "--only", "PGX");

        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.err().lines()).hasSize(2).allMatch(line -> line.contains("not built"));
        assertThat(all.out()).containsPattern("\\| PGO +\\| +not built \\|").contains("- a tool: not built, as");
        assertThat(chosen.code()).isEqualTo(2);
        assertThat(chosen.err().strip()).contains("native-pgo").doesNotContain("\n");
        assertThat(typo.code()).isEqualTo(2);
    }

    @Test
    void aModelThatDoesNotFitIsRefusedBeforeAnyWork() throws IOException {
        Cli run = run("variants: [{name: a}]", "--tests", "tg1@d90000000");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip())
                .contains("does not fit into memory", "--force")
                .doesNotContain("\n");
    }
}
