package dev.llamapanama.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A small file with all value types that the writer knows, and three tensors. */
final class SampleFile {
    private SampleFile() {}

    static void write(Path path) throws IOException {
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.putText("general.architecture", "llama");
            writer.putUint16("u16", 65_535);
            writer.putUint32("u32", 0xFFFF_FFFFL);
            writer.putInt32("i32", -7);
            writer.putUint64("u64", 1L << 40);
            writer.putFloat32("f32", 0.5f);
            writer.putBool("bool", true);
            writer.putText("text", "grüße \uD83D\uDE00");
            writer.putTexts("texts", List.of("a", "", "ß"));
            writer.putInt32s("i32s", 1, -2, 3);
            writer.putUint32s("u32s", 4, -1);
            writer.putFloat32s("f32s", 0.25f, -1);
            writer.declareTensor("a.weight", GgmlType.F32, 5);
            writer.declareTensor("b.weight", GgmlType.Q8_0, 64, 3);
            writer.declareTensor("c.bias", GgmlType.F16, 1);
            writer.write(filled(20, 1));
            writer.write(filled(100, 2));
            writer.write(filled(104, 2));
            writer.write(filled(2, 3));
            writer.commit();
        }
    }

    private static byte[] filled(int size, int value) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
