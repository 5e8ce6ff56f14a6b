package dev.llamapanama.gguf.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelForgeTest {
    @TempDir
    Path folder;

    @Test
    void equalSpecsGiveEqualFiles() throws IOException {
        for (ModelSpec spec : TinyModels.all()) {
            byte[] bytes = forged(spec);
            assertThat(forged(spec)).isEqualTo(bytes);
            assertThat(forged(spec.withSeed(spec.seed() + 1)))
                    .hasSameSizeAs(bytes)
                    .isNotEqualTo(bytes);
        }
    }

    @Test
    void fewerLayersLeaveTheOthersAsTheyAre() throws IOException {
        Path full = folder.resolve("full.gguf");
        Path cut = folder.resolve("cut.gguf");
        ModelForge.forge(TinyModels.llama(), full);
        ModelForge.forge(TinyModels.llama().withLayers(2), cut);
        for (GgufTensor tensor : GgufFile.open(cut).tensors().values()) {
            assertThat(data(cut, tensor))
                    .as(tensor.name())
                    .isEqualTo(
                            data(full, GgufFile.open(full).tensor(tensor.name()).orElseThrow()));
        }
    }

    @Test
    void shapesHaveAsManyWeightsAsTheModelsTheyAreOf() {
        assertThat(ModelForge.parameterCount(ModelShapes.qwen25With500M())).isEqualTo(494_032_768L);
        assertThat(ModelForge.parameterCount(ModelShapes.qwen25With1500M())).isEqualTo(1_543_714_304L);
        assertThat(ModelForge.parameterCount(ModelShapes.qwen25With7B())).isEqualTo(7_615_616_512L);
        assertThat(ModelForge.parameterCount(ModelShapes.llama3With8B())).isEqualTo(8_030_261_248L);
        assertThat(ModelForge.parameterCount(ModelShapes.qwen3With30BActive3B()))
                .isEqualTo(30_532_122_624L);
    }

    @Test
    void sizeIsKnownBefore() throws IOException {
        Path path = folder.resolve("model.gguf");
        ModelForge.forge(TinyModels.qwen3moe(), path);
        GgufFile file = GgufFile.open(path);
        assertThat(file.parameterCount()).isEqualTo(ModelForge.parameterCount(TinyModels.qwen3moe()));
        assertThat(file.tensors().values().stream()
                        .mapToLong(GgufTensor::byteSize)
                        .sum())
                .isEqualTo(ModelForge.tensorBytes(TinyModels.qwen3moe()));
    }

    /** As llama-quantize of llama.cpp v0.5.0 does for 12 layers of 256-element rows. */
    @Test
    void mixedFormatGivesMoreBitsToSomeLayers() throws IOException {
        ModelSpec spec = TinyModels.llama().toBuilder()
                .layers(12)
                .embeddingLength(256)
                .heads(4, 2)
                .headLength(64)
                .feedForwardLength(512)
                .weights(WeightFormat.Q4_K_M)
                .build();
        Path path = folder.resolve("model.gguf");
        ModelForge.forge(spec, path);
        GgufFile file = GgufFile.open(path);
        for (String matrix : List.of("attn_v", "ffn_down")) {
            int[] layers = IntStream.range(0, 12)
                    .filter(layer -> type(file, "blk." + layer + "." + matrix + ".weight") == GgmlType.Q6_K)
                    .toArray();
            assertThat(layers).containsExactly(0, 3, 6, 9, 10, 11);
        }
        assertThat(type(file, "output.weight")).isEqualTo(GgmlType.Q6_K);
        assertThat(type(file, "token_embd.weight")).isEqualTo(GgmlType.Q4_K);
        assertThat(type(file, "blk.0.attn_q.weight")).isEqualTo(GgmlType.Q4_K);
        assertThat(type(file, "blk.0.attn_norm.weight")).isEqualTo(GgmlType.F32);
    }

    @Test
    void rowsThatDoNotFitGetShorterBlocks() throws IOException {
        Path path = folder.resolve("model.gguf");
        ModelForge.forge(TinyModels.llama().withWeights(WeightFormat.Q4_K_M), path);
        GgufFile file = GgufFile.open(path);
        assertThat(type(file, "blk.0.attn_q.weight")).isEqualTo(GgmlType.Q5_0);
        assertThat(type(file, "output.weight")).isEqualTo(GgmlType.Q8_0);
    }

    @Test
    void vocabularyHoldsEachByteAndNoTokenTwice() {
        List<String> tokens = new ByteVocabulary(151_936).tokens();
        assertThat(tokens).hasSize(151_936);
        assertThat(new HashSet<>(tokens)).hasSize(151_936);
        assertThat(tokens.get('A')).isEqualTo("A");
        assertThat(tokens.get(' ')).isEqualTo("Ġ");
        assertThat(tokens.get('\n')).isEqualTo("Ċ");
        assertThat(tokens.get(0xAD)).isEqualTo("\u0143");
        assertThat(tokens.get(0xFF)).isEqualTo("ÿ");
        assertThat(tokens.get(ByteVocabulary.MESSAGE_END)).isEqualTo("<|im_end|>");
        assertThat(tokens.subList(ByteVocabulary.END_CONTROL, tokens.size()))
                .allMatch(token -> token.matches("Ġ[a-z]{4,}"));
        assertThatThrownBy(() -> new ByteVocabulary(256)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tensorsAreThoseOfTheFile() throws IOException {
        for (ModelSpec spec : TinyModels.all()) {
            Path path = folder.resolve(spec.name() + ".gguf");
            ModelForge.forge(spec, path);

            assertThat(ModelForge.tensors(spec))
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("offset")
                    .containsExactlyElementsOf(GgufFile.open(path).tensors().values());
        }
    }

    @Test
    void specsThatFitNoNetworkAreRefused() {
        ModelSpec.Builder builder = TinyModels.llama().toBuilder();
        assertThatThrownBy(() -> builder.heads(4, 3).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kvHeads must divide heads");
        assertThatThrownBy(() -> ModelSpec.builder("a/b", ModelArchitecture.MAMBA)
                        .embeddingLength(8)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name");
        assertThatThrownBy(() -> TinyModels.qwen2().toBuilder().experts(4, 2, 8).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no experts");
    }

    private byte[] forged(ModelSpec spec) throws IOException {
        Path path = folder.resolve("model.gguf");
        ModelForge.forge(spec, path);
        return Files.readAllBytes(path);
    }

    private static byte[] data(Path path, GgufTensor tensor) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        return Arrays.copyOfRange(bytes, (int) tensor.offset(), (int) (tensor.offset() + tensor.byteSize()));
    }

    private static GgmlType type(GgufFile file, String tensor) {
        return file.tensor(tensor).orElseThrow().type();
    }
}
