package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class MemoryEstimateTest {
    private static final Pattern BUFFER = Pattern.compile("CPU\\w* (KV|compute) buffer size =\\s*([\\d.]+) MiB");
    private static final double MIB = 1 << 20;

    @TempDir
    private Path folder;

    static List<ModelSpec> attentionModels() {
        return List.of(TinyModels.llama(), TinyModels.qwen2(), TinyModels.qwen3moe());
    }

    static Stream<Arguments> modelsAndOptions() {
        ContextOptions options = ContextOptions.builder()
                .contextLength(8000)
                .maxSequences(3)
                .ubatchSize(256)
                .build();
        List<ContextOptions> several = List.of(
                options,
                options.toBuilder().unifiedKv(true).build(),
                options.toBuilder()
                        .flashAttention(FlashAttention.DISABLED)
                        .maxSequences(1)
                        .build());
        return attentionModels().stream().flatMap(spec -> several.stream().map(each -> Arguments.of(spec, each)));
    }

    @ParameterizedTest
    @MethodSource("modelsAndOptions")
    void agreesWithLlamaCpp(ModelSpec spec, ContextOptions options) {
        Path file = Models.forged(spec);

        MemoryEstimate estimate = MemoryEstimate.of(file, options);

        try (Model model = Model.load(file)) {
            assertThat(estimate.weightBytes()).isEqualTo(model.info().sizeBytes());
            assertThat(estimate.contextBytes() / MIB).isCloseTo(buffer("KV", model, options), within(0.01));
            assertThat(estimate.computeBytes() / MIB)
                    .isBetween(0.5 * buffer("compute", model, options), 2 * buffer("compute", model, options));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = KvType.class,
            names = {"F32", "F16", "Q8_0", "Q4_0"})
    void countsTheTypeOfKeysAndValues(KvType type) {
        Path file = Models.forged(TinyModels.qwen3moe()); // heads of 32
        ContextOptions options =
                ContextOptions.builder().contextLength(65_536).kvType(type).build();

        try (Model model = Model.load(file)) {
            assertThat(MemoryEstimate.of(file, options).contextBytes() / MIB)
                    .isCloseTo(buffer("KV", model, options), within(0.01));
        }
    }

    @Test
    void flashAttentionSavesTheScores() {
        Path file = Models.llama();
        ContextOptions with = ContextOptions.builder().contextLength(65_536).build();
        ContextOptions without =
                with.toBuilder().flashAttention(FlashAttention.DISABLED).build();

        assertThat(MemoryEstimate.of(file, without).computeBytes())
                .isGreaterThan(MemoryEstimate.of(file, with).computeBytes());
    }

    @Test
    void zeroIsTheContextOfTheTraining() {
        Path file = Models.llama();
        try (Model model = Model.load(file)) {
            ContextOptions trained = ContextOptions.builder()
                    .contextLength(model.info().contextLengthTrained())
                    .build();
            assertThat(MemoryEstimate.of(file, ContextOptions.defaults())).isEqualTo(MemoryEstimate.of(file, trained));
        }
    }

    @Test
    void recurrentModelsHaveNoKeysAndValues() {
        assertThat(MemoryEstimate.of(Models.real("mamba-dense.gguf"), ContextOptions.defaults())
                        .contextBytes())
                .isZero();
    }

    @Test
    void saysWhetherItFits() {
        ContextOptions small = ContextOptions.builder().contextLength(256).build();
        ContextOptions huge = ContextOptions.builder().contextLength(1 << 30).build();

        assertThat(MemoryEstimate.of(Models.llama(), small).fits()).isTrue();
        assertThat(MemoryEstimate.of(Models.llama(), huge).fits()).isFalse();
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("no.gguf"), "hello");

        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> MemoryEstimate.of(file, ContextOptions.defaults()))
                .withMessageContaining("no GGUF file");
    }

    /** What llama.cpp says that it allocates, in MiB. */
    private static double buffer(String kind, Model model, ContextOptions options) {
        List<String> lines = new CopyOnWriteArrayList<>();
        Backend.logHandler((level, line) -> lines.add(line));
        Backend.logLevel(LogLevel.INFO);
        try (Context _ = model.newContext(options)) {
            double sum = 0;
            for (String line : lines) {
                Matcher matcher = BUFFER.matcher(line);
                if (matcher.find() && matcher.group(1).equals(kind)) {
                    sum += Double.parseDouble(matcher.group(2));
                }
            }
            assertThat(sum).as("%s buffers in %s", kind, lines).isPositive();
            return sum;
        } finally {
            Backend.logLevel(LogLevel.WARN);
            Backend.logHandler(LogHandler.DEFAULT);
        }
    }
}
