package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class ModelTest {
    @TempDir
    Path folder;

    static List<ModelSpec> all() {
        return TinyModels.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatTheModelSaysOfItself(ModelSpec spec) {
        try (Model model = Model.load(Models.forged(spec))) {
            ModelInfo info = model.info();
            assertThat(info.architecture()).isEqualTo(spec.architecture().ggufName());
            assertThat(info.layers()).isEqualTo(spec.layers());
            assertThat(info.embeddingLength()).isEqualTo(spec.embeddingLength());
            assertThat(info.parameters()).isPositive();
            assertThat(info.sizeBytes()).isGreaterThan(info.parameters());
            assertThat(info.description()).contains(info.architecture());
            assertThat(model.vocabulary().size()).isEqualTo(spec.vocabularySize());
            assertThat(model.metadata())
                    .containsEntry("general.architecture", info.architecture())
                    .containsKey("general.name");
            assertThat(model.chatTemplate("no such")).isEmpty();
        }
    }

    @Test
    void realModels() {
        try (Model model = Model.load(Models.real("stories260K.gguf"))) {
            assertThat(model.info().architecture()).isEqualTo("llama");
            assertThat(model.info().contextLengthTrained()).isEqualTo(2048);
        }
    }

    @ParameterizedTest
    @EnumSource(LoadMode.class)
    void allLoadModes(LoadMode mode) {
        ModelOptions options = ModelOptions.builder()
                .loadMode(mode)
                .checkTensors(true)
                .repack(false)
                .build();
        try (Model model = Model.load(Models.llama(), options)) {
            assertThat(model.info().layers()).isPositive();
        }
    }

    @Test
    void onlyTheVocabulary() {
        try (Model model = Model.load(
                Models.llama(), ModelOptions.builder().vocabularyOnly(true).build())) {
            assertThat(model.vocabulary().tokenize("hello", false, false)).isNotEmpty();
            assertThat(model.info().layers()).isZero();
            assertThatIllegalStateException().isThrownBy(model::newContext).withMessageContaining("vocabulary only");
        }
    }

    @Test
    void progressIsReported() {
        List<Float> fractions = new ArrayList<>();
        ModelOptions options = ModelOptions.builder()
                .listener(fraction -> fractions.add(fraction))
                .build();
        try (Model model = Model.load(Models.llama(), options)) {
            assertThat(model.isOpen()).isTrue();
            assertThat(fractions).isSorted().last().isEqualTo(1f);
        }
    }

    @Test
    void aLoadCanBeStopped() {
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> Model.load(
                        Models.llama(),
                        ModelOptions.builder().listener(fraction -> false).build()));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Model.load(
                        Models.llama(),
                        ModelOptions.builder()
                                .listener(fraction -> {
                                    throw new UnsupportedOperationException("the listener's own");
                                })
                                .build()))
                .withMessage("the listener's own");
    }

    @Test
    void metadataCanBeOverridden() {
        ModelOptions options = ModelOptions.builder()
                .metadataOverride("general.name", "another name")
                .metadataOverride("llama.context_length", 512)
                .metadataOverride("tokenizer.ggml.add_bos_token", false)
                .metadataOverride("llama.rope.freq_base", 5000f)
                .build();
        try (Model model = Model.load(Models.llama(), options)) {
            assertThat(model.info().contextLengthTrained()).isEqualTo(512);
            assertThat(model.metadata())
                    .containsEntry("general.name", "another name")
                    .containsEntry("llama.context_length", "512")
                    .containsEntry("tokenizer.ggml.add_bos_token", "false")
                    .containsEntry("llama.rope.freq_base", "5000.0");
            assertThat(model.vocabulary().addsBos()).isFalse();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelOptions.builder()
                        .metadataOverride("key", List.of())
                        .build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelOptions.builder()
                        .metadataOverride("key", "x".repeat(200))
                        .build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelOptions.builder()
                        .metadataOverride("k".repeat(128), 1)
                        .build());
    }

    @Test
    void overridesThatBreakTheModelAreRefused() {
        for (ModelOptions options : List.of(
                ModelOptions.builder()
                        .metadataOverride("llama.block_count", 1 << 30)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.attention.head_count", 0)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.attention.head_count", 3)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.embedding_length", 32)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.attention.head_count_kv", 0)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.rope.dimension_count", 1000)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("llama.context_length", 0)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("tokenizer.ggml.bos_token_id", 99999)
                        .build(),
                ModelOptions.builder()
                        .metadataOverride("general.architecture", "nothing")
                        .build())) {
            try (Model model = Model.load(Models.llama(), options);
                    Context context = model.newContext(ContextOptions.builder()
                            .contextLength(256)
                            .threads(1)
                            .build())) {
                assertThat(Models.logits(context, 5)).isNotEmpty(); // harmless after all
            } catch (LlamaException expected) {
                assertThat(expected).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void missingFilesAndFolders() {
        Path missing = folder.resolve("none.gguf");
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(missing))
                .withMessageContaining(missing + " does not exist")
                .matches(e -> e.path().equals(missing));
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(folder))
                .withMessageContaining("is a directory");
        assertThatIllegalArgumentException().isThrownBy(() -> Model.loadParts(List.of(), ModelOptions.defaults()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GG", "GGUF", "this is no model, but some text that is longer than a header"})
    void filesThatAreNoModels(String content) throws Exception {
        Path file = folder.resolve("bad.gguf");
        Files.writeString(file, content);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(file))
                .withMessageContaining(file.toString());
    }

    @Test
    void truncatedFiles() throws Exception {
        byte[] whole = Files.readAllBytes(Models.llama());
        Path file = folder.resolve("cut.gguf");
        for (double part : new double[] {0.001, 0.01, 0.1, 0.5, 0.99}) {
            Files.write(file, java.util.Arrays.copyOf(whole, (int) (whole.length * part)));
            assertThatExceptionOfType(ModelLoadException.class)
                    .isThrownBy(() -> Model.load(file))
                    .withMessageContaining(file.toString());
        }
    }

    @Test
    void anUnknownArchitecture() throws Exception {
        Path file = folder.resolve("unknown.gguf");
        byte[] bytes = Files.readAllBytes(Models.llama());
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("general.architecture");
        bytes[at + "general.architecture".length() + 4 + 8] = 'x'; // "llama" becomes "xlama"
        Files.write(file, bytes);
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(file))
                .withMessageContaining("xlama");
    }

    @Test
    void notANumberInTheWeights() throws Exception {
        Path file = folder.resolve("nan.gguf");
        Files.copy(Models.llama(), file);
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer nan = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1});
            channel.write(nan, channel.size() - 64);
        }
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(
                        file, ModelOptions.builder().checkTensors(true).build()))
                .withMessageContaining("refused by llama.cpp: ");
    }

    @Test
    void contextOptionsThatMakeNoSense() {
        for (Map.Entry<String, Runnable> bad : Map.<String, Runnable>of(
                        "batchSize", () -> ContextOptions.builder().batchSize(0).build(),
                        "ubatchSize",
                                () -> ContextOptions.builder().ubatchSize(0).build(),
                        "contextLength",
                                () -> ContextOptions.builder().contextLength(-1).build(),
                        "maxSequences",
                                () -> ContextOptions.builder().maxSequences(0).build(),
                        "maxSequences is 257",
                                () -> ContextOptions.builder().maxSequences(257).build(),
                        "not be less than maxSequences, 8",
                                () -> ContextOptions.builder()
                                        .batchSize(7)
                                        .maxSequences(8)
                                        .build(),
                        "threads", () -> ContextOptions.builder().threads(-1).build(),
                        "flash attention",
                                () -> ContextOptions.builder()
                                        .valueType(KvType.Q4_0)
                                        .flashAttention(FlashAttention.DISABLED)
                                        .build(),
                        "embeddings",
                                () -> ContextOptions.builder()
                                        .pooling(Pooling.MEAN)
                                        .build(),
                        "base", () -> RopeOptions.builder().base(Float.NaN).build())
                .entrySet()) {
            assertThatIllegalArgumentException().isThrownBy(bad.getValue()::run).withMessageContaining(bad.getKey());
        }
        assertThat(ContextOptions.builder().build()).isEqualTo(ContextOptions.defaults());
        assertThat(ModelOptions.builder().build()).isEqualTo(ModelOptions.defaults());
        assertThat(RopeOptions.builder().build()).isEqualTo(RopeOptions.defaults());
    }

    @Test
    void contextOptionsThatTheModelCannot() {
        try (Model model = Model.load(Models.llama())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.newContext(
                            ContextOptions.builder().kvType(KvType.Q8_0).build()))
                    .withMessageContaining("heads");
            assertThatExceptionOfType(ContextCreationException.class)
                    .isThrownBy(() -> model.newContext(
                            ContextOptions.builder().contextLength(1 << 30).build()))
                    .withMessageContaining("GiB");
        }
    }

    @Test
    void theBackendDescribesItself() {
        Backend backend = Backend.load();
        assertThat(Backend.load()).isSameAs(backend);
        assertThat(backend.llamaCppVersion()).startsWith("0.5.0");
        assertThat(backend.llamaCppTree()).hasSize(40);
        assertThat(backend.profile()).isIn("host", "portable");
        assertThat(backend.cpuLibrary()).startsWith("libggml-cpu");
        assertThat(backend.devices()).isNotEmpty();
        assertThat(backend.features()).isNotEmpty();
        assertThat(backend.directory()).isDirectory();
    }

    @Test
    void theLogIsDeliveredFromALevelOn() {
        List<String> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
        Backend.logHandler((level, line) -> lines.add(level + " " + line));
        try {
            Model.load(Models.llama()).close();
            assertThat(lines).noneMatch(line -> line.startsWith("INFO"));
            Backend.logLevel(LogLevel.INFO);
            Model.load(Models.llama()).close();
            assertThat(lines).anyMatch(line -> line.startsWith("INFO") && line.contains("general.architecture"));
            assertThat(lines).noneMatch(line -> line.contains("\n"));
        } finally {
            Backend.logLevel(LogLevel.WARN);
            Backend.logHandler(LogHandler.DEFAULT);
        }
    }
}
