package dev.llamapanama.bench.variants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.Rows;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariantRoundsTest {
    private static final List<TestSpec> TESTS = List.of(new TestSpec(512, 0, 0), new TestSpec(0, 64, 512));

    private final List<String> calls = new ArrayList<>();

    private static Variant variant(String name) {
        return new Variant(name, Variant.Program.ENGINE, null, Map.of(), List.of(), Map.of());
    }

    private Sample measure(Variant variant, Path model, List<TestSpec> tests) throws CpuMismatchException {
        calls.add(variant.name() + " " + tests.getFirst());
        if (variant.name().equals("X")) {
            throw new CpuMismatchException("AVX512");
        }
        return new Sample(
                List.of(variant.name().equals("A") ? 10.0 : 10.0 + calls.size()), Rows.machine(variant.name()));
    }

    private VariantRounds rounds(int count, String... names) {
        List<Variant> variants =
                List.of(names).stream().map(VariantRoundsTest::variant).toList();
        return new VariantRounds(
                variants, Map.of(), TESTS, count, "llamapanama variants", this::measure, Progress.none());
    }

    @Test
    void eachRoundBeginsWithAnotherVariant() throws IOException, InterruptedException {
        List<VariantResult> results = rounds(2, "A", "B", "C").measure(Path.of("m.gguf"));

        assertThat(calls.subList(0, 6))
                .containsExactly("A pp512", "B pp512", "C pp512", "B pp512", "C pp512", "A pp512");
        assertThat(calls).hasSize(12);
        VariantResult b = results.get(1);
        assertThat(b.test()).isEqualTo("pp512");
        assertThat(b.variant().name()).isEqualTo("B");
        assertThat(b.speeds()).containsExactly(12.0, 14.0);
        assertThat(b.ratios()).containsExactly(1.2, 1.4);
        assertThat(b.medianRatio()).isEqualTo((1.2 + 1.4) / 2);
        assertThat(results.getFirst().ratios()).containsExactly(1.0, 1.0);
        assertThat(b.machine()).isEqualTo(Rows.machine("B"));
        assertThat(b.command()).isEqualTo("llamapanama variants");
        assertThat(VariantTable.of(results)).startsWith("- machine: ").contains("llamapanama A;");
    }

    @Test
    void whatThisCpuCannotRunIsTriedOnceAndSaysSo() throws IOException, InterruptedException {
        List<VariantResult> results = rounds(3, "A", "X").measure(Path.of("m.gguf"));

        assertThat(calls).filteredOn(call -> call.startsWith("X")).hasSize(1);
        assertThat(results.get(1).notMeasured()).isEqualTo("not on this CPU, which lacks AVX512");
        assertThat(results.get(1).speeds()).isEmpty();
        assertThat(VariantTable.of(results)).contains("| X ").contains("- X: not on this CPU, which lacks AVX512");
    }

    @Test
    void withoutTheFirstThereIsNothingToCompareWith() {
        assertThatThrownBy(() -> rounds(1, "X", "A").measure(Path.of("m.gguf")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("AVX512");
    }
}
