package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufTensor;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class KernelTuningTest {
    private static final int NEVER = Integer.MAX_VALUE;

    @TempDir
    private Path cache;

    private final int[] before = thresholds();

    private static int[] thresholds() {
        Backend.load();
        return Llama.kernelsThresholds(GgmlType.Q8_0.id()).orElse(new int[] {NEVER, NEVER, NEVER});
    }

    @AfterEach
    void othersFindWhatTheyLeft() {
        Llama.kernelsSetThresholds(GgmlType.Q8_0.id(), before);
    }

    @Test
    void whatAModelHasMuchOfIsMeasuredOnceAndKept() throws IOException {
        assumeTrue(Backend.load().kernels().active());
        KernelTuning first = tuning(cache);
        first.prepare(List.of(tensor(GgmlType.Q8_0, 100 << 20)));

        assertThat(first.thresholds()).singleElement().satisfies(thresholds -> {
            assertThat(thresholds.weights()).isEqualTo("Q8_0");
            assertThat(List.of(thresholds.small(), thresholds.large(), thresholds.experts()))
                    .isSubsetOf(1, 2, 4, 8, 16, 64, NEVER);
        });
        assertThat(KernelTuning.read(first.file())).containsOnlyKeys(GgmlType.Q8_0);

        Files.writeString(first.file(), "Q8_0=3,5,7\n");
        KernelTuning second = tuning(cache);
        second.restore();
        second.prepare(List.of(tensor(GgmlType.Q8_0, 100 << 20)));
        assertThat(second.thresholds()).containsExactly(new KernelThresholds("Q8_0", 3, 5, 7));
        assertThat(thresholds()).containsExactly(3, 5, 7);
    }

    @Test
    void littleModelsAndTypesWithoutKernelsAreNotMeasured() {
        KernelTuning tuning = tuning(cache);
        tuning.prepare(List.of(tensor(GgmlType.Q8_0, 1 << 20), tensor(GgmlType.F32, 1L << 30)));

        assertThat(tuning.thresholds()).isEmpty();
        assertThat(tuning.file()).doesNotExist();
    }

    @Test
    void nothingIsMeasuredWhereItCannotBeKept() throws IOException {
        Path file = Files.createFile(cache.resolve("no-folder"));
        KernelTuning tuning = tuning(file);
        tuning.restore();
        tuning.prepare(List.of(tensor(GgmlType.Q8_0, 100 << 20)));

        assertThat(tuning.thresholds()).isEmpty();
        assertThat(thresholds()).containsExactly(before);
    }

    @Test
    void nothingIsMeasuredBesideWhatIsOpen() {
        KernelTuning tuning = tuning(cache);
        try (Model open = Model.load(Models.forged(TinyModels.llama()))) {
            tuning.prepare(List.of(tensor(GgmlType.Q8_0, 100 << 20)));
            assertThat(open.vocabulary().size()).isPositive();
        }
        assertThat(tuning.thresholds()).isEmpty();
    }

    @Test
    void damagedLinesAreAsIfTheyWereNotThere() throws IOException {
        Path file = cache.resolve("thresholds.properties");
        Files.writeString(file, """
                Q8_0=1,1,1
                Q4_0=1,1
                Q4_K=1,1,0
                Q5_K=1,1,9999999999
                Q6_K=-1,1,1
                BF16=1,2,2147483647
                F17=1,1,1
                """);
        Map<GgmlType, int[]> read = KernelTuning.read(file);
        assertThat(read).containsOnlyKeys(GgmlType.Q8_0, GgmlType.BF16);
        assertThat(read.get(GgmlType.BF16)).containsExactly(1, 2, NEVER);

        Files.write(file, new byte[] {'\\', 'u', '1', (byte) 0xff});
        assertThat(KernelTuning.read(file)).isEmpty();
        assertThat(KernelTuning.read(cache.resolve("missing"))).isEmpty();
    }

    @Test
    void theThresholdsDecideWhoComputes() {
        assumeTrue(Backend.load().kernels().active());
        assertThat(operationsOfAPrompt(1)).isPositive();
        assertThat(operationsOfAPrompt(NEVER)).isZero();
    }

    @Test
    void anUnknownSettingIsRefused() {
        System.setProperty(KernelTuning.PROPERTY, "perhaps");
        try {
            assertThatThrownBy(KernelTuning::wanted)
                    .isInstanceOf(NativeLibraryException.class)
                    .hasMessageContaining("perhaps");
        } finally {
            System.clearProperty(KernelTuning.PROPERTY);
        }
    }

    private static long operationsOfAPrompt(int threshold) {
        Llama.kernelsSetThresholds(GgmlType.Q8_0.id(), new int[] {threshold, threshold, threshold});
        long before = Backend.load().kernels().operations();
        try (Model model = Model.load(Models.forged(TinyModels.llama().withWeights(WeightFormat.Q8_0)));
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(64).build())) {
            for (int i = 0; i < 20; i++) {
                context.batch().add(i, i, 0, i == 19);
            }
            context.decode();
        }
        return Backend.load().kernels().operations() - before;
    }

    private static KernelTuning tuning(Path cache) {
        return new KernelTuning(cache, "0123456789abcdef0123", "AMD EPYC/9454P", 2);
    }

    private static GgufTensor tensor(GgmlType type, long bytes) {
        return new GgufTensor("blk.0.ffn_up.weight", List.of(bytes), type, 0, bytes);
    }
}
