package dev.llamapanama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufRoundTripTest {
    @TempDir
    Path folder;

    @Test
    void readerSeesWhatWriterWrote() throws IOException {
        Path path = folder.resolve("all-types.gguf");
        SampleFile.write(path);

        GgufFile file = GgufFile.open(path);

        assertThat(file.version()).isEqualTo(3);
        assertThat(file.alignment()).isEqualTo(32);
        assertThat(file.fileSize()).isEqualTo(Files.size(path));
        assertThat(file.architecture()).hasValue("llama");
        assertThat(file.integer("u16")).hasValue(65_535);
        assertThat(file.integer("u32")).hasValue(0xFFFF_FFFFL);
        assertThat(file.integer("i32")).hasValue(-7);
        assertThat(file.integer("u64")).hasValue(1L << 40);
        assertThat(file.real("f32")).hasValue(0.5);
        assertThat(file.bool("bool")).hasValue(true);
        assertThat(file.text("text")).hasValue("grüße \uD83D\uDE00");
        assertThat(file.array("texts").orElseThrow().strings()).containsExactly("a", "", "ß");
        assertThat(file.array("i32s").orElseThrow().integers()).containsExactly(1, -2, 3);
        assertThat(file.array("u32s").orElseThrow().integers()).containsExactly(4, 0xFFFF_FFFFL);
        assertThat(file.array("f32s").orElseThrow().reals()).containsExactly(0.25, -1);

        assertThat(file.tensors().keySet()).containsExactly("a.weight", "b.weight", "c.bias");
        GgufTensor b = file.tensor("b.weight").orElseThrow();
        assertThat(b.shape()).containsExactly(64L, 3L);
        assertThat(b.type()).isEqualTo(GgmlType.Q8_0);
        assertThat(b.byteSize()).isEqualTo(3 * 68);
        assertThat(b.offset() % 32).isZero();
        assertThat(Files.readAllBytes(path)[(int) b.offset()]).isEqualTo((byte) 2);
        assertThat(file.parameterCount()).isEqualTo(5 + 192 + 1);
    }

    @Test
    void accessorsOfOtherTypesAreEmptyOrSayWhatIsThere() throws IOException {
        Path path = folder.resolve("types.gguf");
        SampleFile.write(path);
        GgufFile file = GgufFile.open(path);

        assertThat(file.integer("text")).isEmpty();
        assertThat(file.text("missing")).isEmpty();
        assertThatThrownBy(() -> file.array("texts").orElseThrow().integers())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("texts")
                .hasMessageContaining("STRING");
    }

    @Test
    void nothingRemainsWithoutCommit() throws IOException {
        Path path = folder.resolve("none.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.declareTensor("a", GgmlType.F32, 4);
            writer.write(new byte[8]);
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("8 of 16 bytes");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void writerRefusesWhatReaderWould() throws IOException {
        try (GgufWriter writer = GgufWriter.create(folder.resolve("refused.gguf"))) {
            writer.putBool("twice", true);
            assertThatThrownBy(() -> writer.putBool("twice", true)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.putUint32("big", 1L << 32)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.declareTensor("t", GgmlType.Q8_0, 33))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.declareTensor("n".repeat(64), GgmlType.F32, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            writer.declareTensor("t1", GgmlType.F32, 1);
            assertThatThrownBy(() -> writer.write(new byte[5])).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> writer.putBool("late", true)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void typesHaveTheSizesOfTheirBlocks() {
        assertThat(GgmlType.Q4_K.rowBytes(512)).isEqualTo(288);
        assertThat(GgmlType.byId(8)).hasValue(GgmlType.Q8_0);
        assertThat(List.of(4, 5, 31, 38, 43, -1))
                .allMatch(id -> GgmlType.byId(id).isEmpty());
        assertThatThrownBy(() -> GgmlType.Q4_K.rowBytes(64)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgmlType.F64.rowBytes(Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
    }
}
