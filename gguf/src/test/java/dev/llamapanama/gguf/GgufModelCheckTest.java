package dev.llamapanama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GgufModelCheckTest {
    @TempDir
    Path folder;

    static Stream<ModelSpec> allTinyModels() {
        return TinyModels.all().stream();
    }

    @ParameterizedTest
    @MethodSource("allTinyModels")
    void forgedModelsHaveNoProblems(ModelSpec spec) throws IOException {
        for (WeightFormat weights : WeightFormat.values()) {
            assertThat(problems(forged(spec.withWeights(weights)))).isEmpty();
        }
    }

    /** Each of these makes llama.cpp v0.5.0 abort, divide by zero, or refuse the model. */
    @ParameterizedTest
    @CsvSource({
        "llama,    llama.block_count, 0",
        "llama,    llama.block_count, 513",
        "llama,    llama.embedding_length, 0",
        "llama,    llama.attention.head_count, 3",
        "llama,    llama.attention.head_count_kv, 3",
        "llama,    llama.attention.key_length, 0",
        "llama,    llama.attention.value_length, 8",
        "llama,    llama.rope.dimension_count, 15",
        "llama,    llama.attention.layer_norm_rms_epsilon, -1",
        "qwen2,    qwen2.attention.head_count, 32",
        "qwen3moe, qwen3moe.expert_used_count, 0",
        "qwen3moe, qwen3moe.expert_used_count, 9",
        "qwen3moe, qwen3moe.expert_count, 1025",
        "qwen35,   qwen35.full_attention_interval, 0",
        "qwen35,   qwen35.ssm.time_step_rank, 0",
        "bert,     bert.pooling_type, 9",
    })
    void badNumbersAreFound(String model, String key, int value) throws IOException {
        Path path = forged(TinyModels.all().stream()
                .filter(spec -> spec.name().equals("tiny-" + model))
                .findFirst()
                .orElseThrow());
        patch(path, key, value);
        assertThat(problems(path)).isNotEmpty();
        assertThatThrownBy(() -> GgufModelCheck.require(GgufParts.open(path)))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining(path.toString());
    }

    /** llama.cpp only warns about these. */
    @ParameterizedTest
    @CsvSource({
        "tokenizer.ggml.bos_token_id, 100000",
        "tokenizer.ggml.padding_token_id, -1",
        "llama.vocab_size, 1",
        "llama.context_length, 0",
        "general.file_type, 999",
    })
    void oddNumbersThatWorkAreAccepted(String key, int value) throws IOException {
        Path path = forged(TinyModels.llama());
        patch(path, key, value);
        assertThat(problems(path)).isEmpty();
    }

    @Test
    void tokensMustBeDistinct() throws IOException {
        Path path = forged(TinyModels.llama());
        GgufArray tokens = GgufFile.open(path).array("tokenizer.ggml.tokens").orElseThrow();
        byte[] bytes = Files.readAllBytes(path);
        // The last two tokens become equal; both have a length of 6 bytes.
        int last = (int) (tokens.offset() + tokens.byteSize()) - 6;
        System.arraycopy(bytes, last, bytes, last - 14, 6);
        Files.write(path, bytes);
        assertThat(problems(path))
                .singleElement()
                .satisfies(problem -> assertThat(problem.fault()).contains("twice"));
    }

    @Test
    void architectureMustBeKnown() throws IOException {
        Path path = folder.resolve("model.gguf");
        for (String architecture : List.of("clip", "unheard-of")) {
            try (GgufWriter writer = GgufWriter.create(path)) {
                writer.putText("general.architecture", architecture);
                writer.commit();
            }
            assertThat(problems(path))
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.fault()).contains(architecture));
        }
        SampleFile.write(path);
        assertThat(GgufModelCheck.vocabularyProblems(GgufFile.open(path))).isNotEmpty();
    }

    @Test
    void normsMustNotBeQuantized() throws IOException {
        Path path = folder.resolve("model.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.putText("general.architecture", "llama");
            writer.declareTensor("output_norm.weight", GgmlType.Q8_0, 32);
            writer.declareTensor("output.weight", GgmlType.I8, 32, 2);
            writer.write(new byte[34]);
            writer.write(new byte[64]);
            writer.commit();
        }
        assertThat(problems(path))
                .extracting(GgufModelCheck.Problem::subject)
                .contains("output_norm.weight", "output.weight");
    }

    @Test
    void splitModelsAreReadAsOne() throws IOException {
        writePart("split-00001-of-00002.gguf", 0, 2, "a");
        writePart("split-00002-of-00002.gguf", 1, 2, "b");
        List<GgufFile> parts = GgufParts.open(folder.resolve("split-00001-of-00002.gguf"));
        assertThat(parts).hasSize(2);
        assertThatThrownBy(() -> GgufParts.open(folder.resolve("split-00002-of-00002.gguf")))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("not the first");

        writePart("split-00002-of-00002.gguf", 0, 2, "b");
        assertThatThrownBy(() -> GgufParts.open(folder.resolve("split-00001-of-00002.gguf")))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("split.no");
        writePart("renamed.gguf", 0, 2, "a");
        assertThatThrownBy(() -> GgufParts.open(folder.resolve("renamed.gguf")))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("-00001-of-00002.gguf");
    }

    private void writePart(String name, int number, int count, String tensor) throws IOException {
        try (GgufWriter writer = GgufWriter.create(folder.resolve(name))) {
            writer.putUint16("split.no", number);
            writer.putUint16("split.count", count);
            writer.putInt32("split.tensors.count", 2);
            writer.declareTensor(tensor, GgmlType.F32, 1);
            writer.write(new byte[4]);
            writer.commit();
        }
    }

    private Path forged(ModelSpec spec) throws IOException {
        Path path = folder.resolve("model.gguf");
        ModelForge.forge(spec, path);
        return path;
    }

    private static List<GgufModelCheck.Problem> problems(Path path) throws IOException {
        return GgufModelCheck.problems(GgufParts.open(path));
    }

    /** Replaces the number of a key in the file; floats get the same value. */
    private static void patch(Path path, String key, int value) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key) + key.length();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (buffer.getInt(at) == GgufValueType.FLOAT32.id()) {
            buffer.putFloat(at + 4, value);
        } else {
            buffer.putInt(at + 4, value);
        }
        Files.write(path, bytes);
    }
}
