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
    private static final String BUILD = "0123456789abcdef";

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
        assertThat(first.load(List.of(tensor(GgmlType.Q8_0, 100 << 20)), () -> "loaded"))
                .isEqualTo("loaded");

        assertThat(first.thresholds()).singleElement().satisfies(thresholds -> {
            assertThat(thresholds.weights()).isEqualTo("Q8_0");
            assertThat(List.of(thresholds.small(), thresholds.large(), thresholds.experts()))
                    .isSubsetOf(1, 2, 4, 8, 16, 64, NEVER);
            assertThat(thresholds.large()).as("where prompts win by far").isNotEqualTo(NEVER);
        });
        assertThat(file(cache, BUILD).read()).containsOnlyKeys(GgmlType.Q8_0);
        assertThat(file(cache, "another build").read()).isEmpty();

        file(cache, BUILD).write(Map.of(GgmlType.Q8_0, new int[] {3, 5, 7}));
        KernelTuning second = tuning(cache);
        second.restore();
        prepare(second, tensor(GgmlType.Q8_0, 100 << 20));
        assertThat(second.thresholds()).containsExactly(new KernelThresholds("Q8_0", 3, 5, 7));
        assertThat(thresholds()).containsExactly(3, 5, 7);
    }

    @Test
    void smallModelsAndTypesWithoutKernelsAreNotMeasured() {
        KernelTuning tuning = tuning(cache);
        prepare(tuning, tensor(GgmlType.Q8_0, 1 << 20), tensor(GgmlType.F32, 1L << 30));

        assertThat(tuning.thresholds()).isEmpty();
        assertThat(file(cache, BUILD).read()).isEmpty();
    }

    @Test
    void nothingIsMeasuredWhereItCannotBeKept() throws IOException {
        KernelTuning tuning = tuning(Files.createFile(cache.resolve("no-folder")));
        tuning.restore();
        prepare(tuning, tensor(GgmlType.Q8_0, 100 << 20));

        assertThat(tuning.thresholds()).isEmpty();
        assertThat(thresholds()).containsExactly(before);
    }

    @Test
    void nothingIsMeasuredBesideWhatIsOpenOrBeingLoaded() {
        KernelTuning tuning = tuning(cache);
        try (Model open = Model.load(Models.forged(TinyModels.llama()))) {
            prepare(tuning, tensor(GgmlType.Q8_0, 100 << 20));
            assertThat(open.vocabulary().size()).isPositive();
        }
        tuning.load(List.of(), () -> {
            prepare(tuning, tensor(GgmlType.Q8_0, 100 << 20));
            return "";
        });
        assertThat(tuning.thresholds()).isEmpty();
    }

    @Test
    void nothingIsMeasuredWhileAnotherProcessDoes() throws IOException {
        KernelTuning tuning = tuning(cache);
        file(cache, BUILD).locked(() -> prepare(tuning, tensor(GgmlType.Q8_0, 100 << 20)));

        assertThat(tuning.thresholds()).isEmpty();
    }

    @Test
    void aFailedLoadEnds() {
        assumeTrue(Backend.load().kernels().active());
        KernelTuning tuning = tuning(cache);
        assertThatThrownBy(() -> tuning.load(List.of(), () -> {
                    throw new IllegalStateException("damaged");
                }))
                .hasMessage("damaged");
        prepare(tuning, tensor(GgmlType.Q8_0, 100 << 20));

        assertThat(tuning.thresholds()).hasSize(1);
    }

    @Test
    void damagedLinesAreAsIfTheyWereNotThere() throws IOException {
        KernelTuningFile file = file(cache, BUILD);
        file.write(Map.of());
        Path path = Path.of(file.toString());
        Files.writeString(path, """
                build=%s
                Q8_0=1,1,1
                Q4_0=1,1
                Q4_K=1,1,0
                Q5_K=1,1,9999999999
                Q6_K=-1,1,1
                BF16=1,2,2147483647
                F17=1,1,1
                """.formatted(BUILD));
        assertThat(file.read()).containsOnlyKeys(GgmlType.Q8_0, GgmlType.BF16);
        assertThat(file.read().get(GgmlType.BF16)).containsExactly(1, 2, NEVER);

        Files.write(path, new byte[] {'\\', 'u', '1', (byte) 0xff});
        assertThat(file.read()).isEmpty();
        assertThat(file(cache.resolve("missing"), BUILD).read()).isEmpty();
    }

    /** F32 has no kernels: what a file says of it must not reach native code, and if it did, not be believed there. */
    @Test
    void typesWithoutKernelsGetNone() throws IOException {
        file(cache, BUILD).write(Map.of(GgmlType.F32, new int[] {1, 1, 1}, GgmlType.Q8_0, before));
        KernelTuning tuning = tuning(cache);
        tuning.restore();
        assertThat(tuning.thresholds())
                .noneMatch(thresholds -> thresholds.weights().equals("F32"));

        Llama.kernelsSetThresholds(GgmlType.F32.id(), new int[] {1, 1, 1});
        Llama.kernelsSetThresholds(1000, new int[] {1, 1, 1});
        Llama.kernelsSetThresholds(-1, new int[] {1, 1, 1});
        try (Model model = Model.load(Models.forged(TinyModels.llama()));
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(64).build())) {
            assertThat(Models.logits(context, Models.tokens(20))).doesNotContain(Float.NaN);
        }
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
        return new KernelTuning(file(cache, BUILD), 2);
    }

    private static KernelTuningFile file(Path cache, String build) {
        return new KernelTuningFile(cache, build, "AMD EPYC/9454P", "matrix products with AVX-512", 2);
    }

    private static void prepare(KernelTuning tuning, GgufTensor... tensors) {
        tuning.load(List.of(tensors), () -> "");
    }

    private static GgufTensor tensor(GgmlType type, long bytes) {
        return new GgufTensor("blk.0.ffn_up.weight", List.of(bytes), type, 0, bytes);
    }
}
