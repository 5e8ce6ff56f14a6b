package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Models;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufArray;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufTensor;
import dev.llamapanama.gguf.GgufValue;
import dev.llamapanama.gguf.GgufValueType;
import dev.llamapanama.gguf.GgufWriter;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes a reranker out of the forged BERT: with a classifier, and another pooling. */
final class RerankerModel {
    private static final int RANK = 4; // LLAMA_POOLING_TYPE_RANK

    private RerankerModel() {}

    /** @param template the model's template for pairs, or null for none */
    static Path write(Path folder, @Nullable String template) throws IOException {
        GgufFile bert = GgufFile.open(Models.forged(TinyModels.bert()));
        Path target = folder.resolve("reranker.gguf");
        int width = (int) bert.integer("bert.embedding_length").orElseThrow();
        try (GgufWriter writer = GgufWriter.create(target);
                FileChannel source = FileChannel.open(bert.path())) {
            bert.metadata().forEach((key, value) -> put(writer, key, value));
            if (template != null) {
                writer.putText("tokenizer.chat_template.rerank", template);
            }
            for (GgufTensor tensor : bert.tensors().values()) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.declareTensor(tensor.name(), tensor.type(), shape);
            }
            writer.declareTensor("cls.weight", GgmlType.F32, width, width);
            writer.declareTensor("cls.bias", GgmlType.F32, width);
            writer.declareTensor("cls.output.weight", GgmlType.F32, width, 1);
            writer.declareTensor("cls.output.bias", GgmlType.F32, 1);
            for (GgufTensor tensor : bert.tensors().values()) {
                ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(tensor.byteSize()));
                source.read(data, tensor.offset());
                writer.write(data.flip());
            }
            Random random = new Random(5);
            for (int n : new int[] {width * width, width, width, 1}) {
                writer.write(numbers(random, n));
            }
            writer.commit();
        }
        return target;
    }

    private static ByteBuffer numbers(Random random, int n) {
        ByteBuffer data = ByteBuffer.allocate(n * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            data.putFloat((float) random.nextGaussian(0, 0.125));
        }
        return data.flip();
    }

    private static void put(GgufWriter writer, String key, GgufValue value) {
        if (key.equals("general.alignment")) {
            return; // the writer's own
        }
        switch (value) {
            case GgufValue.Whole whole -> writer.putUint32(key, key.equals("bert.pooling_type") ? RANK : whole.value());
            case GgufValue.Real real -> writer.putFloat32(key, (float) real.value());
            case GgufValue.Bool bool -> writer.putBool(key, bool.value());
            case GgufValue.Text text -> writer.putText(key, text.value());
            case GgufArray array
            when array.elementType() == GgufValueType.STRING -> writer.putTexts(key, array.strings());
            case GgufArray array ->
                writer.putInt32s(
                        key,
                        Arrays.stream(array.integers())
                                .mapToInt(Math::toIntExact)
                                .toArray());
        }
    }
}
