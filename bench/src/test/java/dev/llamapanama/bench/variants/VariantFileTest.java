package dev.llamapanama.bench.variants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariantFileTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("v.yaml"), text);
    }

    @Test
    void variantsAreChangesToTheFirst() throws IOException {
        Path file = file("""
                variants:
                  - name: first
                    build: native
                    environment: {A: 1, B: 2}
                    jvm-options: [-Xmx1g]
                    options: {load-mode: none}
                  - name: second
                    program: llama-bench
                    environment: {B: 3}
                    jvm-options: [-Xmx2g]
                    options: {threads: 1}
                  - name: third
                    build: other
                """);

        List<Variant> variants = VariantFile.read(file, List.of());

        assertThat(variants).extracting(Variant::name).containsExactly("first", "second", "third");
        assertThat(variants.get(1))
                .isEqualTo(new Variant(
                        "second",
                        Variant.Program.LLAMA_BENCH,
                        "native",
                        Map.of("A", "1", "B", "3"),
                        List.of("-Xmx1g", "-Xmx2g"),
                        Map.of("load-mode", "none", "threads", "1")));
        assertThat(variants.get(2).build()).isEqualTo("other");
        assertThat(variants.get(2).program()).isEqualTo(Variant.Program.ENGINE);
    }

    @Test
    void theFirstIsAlwaysThere() throws IOException {
        Path file = file("variants: [{name: a}, {name: b}, {name: c}]");

        assertThat(VariantFile.read(file, List.of("c")))
                .extracting(Variant::name)
                .containsExactly("a", "c");
        assertThatThrownBy(() -> VariantFile.read(file, List.of("d"))).hasMessageContaining("no variant 'd'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "variants: []",
                "variants: [{build: native}]",
                "variants: [{name: }]",
                "variants: [null]",
                "variants: [{name: a, bulid: native}]",
                "variants: [{name: a, program: other}]",
                "variants: [{name: a}, {name: a}]",
                "variants: [",
            })
    void whatIsNoFileOfVariantsIsRefusedInOneLine(String text) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> VariantFile.read(file, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("v.yaml")
                .doesNotContain("\n");
    }

    @Test
    void theFileOfTheProjectIsOne() throws IOException {
        assertThat(VariantFile.read(Path.of("variants.yaml"), List.of())).hasSizeGreaterThan(10);
    }
}
