package dev.llamapanama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the bytes are, the reader gives a file or a {@link GgufFormatException}: no other error, no hang. */
class GgufDamagedFileTest {
    private static final int FLIPS = 2000;

    @TempDir
    Path folder;

    private Path path;
    private byte[] sample;
    private int headerSize;

    @BeforeEach
    void writeSample() throws IOException {
        path = folder.resolve("sample.gguf");
        SampleFile.write(path);
        sample = Files.readAllBytes(path);
        headerSize = (int) GgufFile.open(path).dataOffset();
    }

    @Test
    void flippedBitsNeverEscape() throws IOException {
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < FLIPS; i++) {
            byte[] damaged = sample.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(headerSize)] ^= (byte) (1 << random.nextInt(8));
            }
            refused += openAll(damaged) ? 0 : 1;
        }
        assertThat(refused).isBetween(FLIPS / 4, FLIPS);
    }

    @Test
    void randomNumbersInPlaceOfCountsAndLengthsNeverEscape() throws IOException {
        Random random = new Random(2);
        for (int i = 0; i < FLIPS; i++) {
            byte[] damaged = sample.clone();
            ByteBuffer buffer = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
            long value = switch (random.nextInt(4)) {
                case 0 -> Long.MAX_VALUE;
                case 1 -> random.nextLong();
                case 2 -> -1;
                default -> 1L << random.nextInt(63);
            };
            buffer.putLong(random.nextInt(headerSize - 8), value);
            openAll(damaged);
        }
    }

    @Test
    void eachTruncationIsRefused() throws IOException {
        for (int size = 0; size < sample.length; size++) {
            // The last tensor has 2 bytes and 30 of padding, which may be missing.
            boolean whole = size >= sample.length - 30;
            assertThat(openAll(Arrays.copyOf(sample, size)))
                    .as("%d of %d bytes", size, sample.length)
                    .isEqualTo(whole);
        }
    }

    @Test
    void messagesSayWhatIsWrongAndWhere() throws IOException {
        assertRefused(new byte[] {'G', 'G', 'M', 'L', 0, 0, 0, 0}, 0, "no GGUF file");
        assertRefused(header(1, 0, 0), 4, "version 1");
        assertRefused(header(0x03000000, 0, 0), 4, "big-endian");
        assertRefused(header(3, -1, 0), 8, "tensor count");
        assertRefused(header(3, 0, Long.MAX_VALUE), 16, "key count");
        assertRefused(header(3, 0, 1, string("k\0"), int32(7), new byte[20]), 24, "zero byte");
        assertRefused(header(3, 0, 1, string("k"), int32(13), new byte[20]), 33, "value type 13");
        assertRefused(header(3, 0, 1, string("k"), int32(9), int32(9), new byte[20]), 37, "array of arrays");
        assertRefused(
                header(3, 0, 2, string("k"), int32(7), new byte[1], string("k"), int32(7), new byte[20]), 38, "twice");
        assertRefused(
                header(3, 0, 1, string("general.alignment"), int32(4), int32(24), new byte[20]), -1, "power of two");
        assertRefused(tensor(5, 0, 4), 33, "5 dimensions");
        assertRefused(tensor(1, 0, 0), 33, "0 elements");
        assertRefused(tensor(1, 4, 4), 45, "type 4");
        assertRefused(tensor(1, 8, 33), 45, "33 elements");
        assertRefused(tensor(2, 0, 1L << 40, 1L << 40), 33, "more elements");
        assertRefused(tensor(1, 0, 1L << 50), 24, "not all there");
    }

    @Test
    void missingFileIsNoFormatError() {
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("missing.gguf"))).isInstanceOf(NoSuchFileException.class);
    }

    /** Opens, reads each array, and checks; whether the file was accepted. */
    private boolean openAll(byte[] bytes) throws IOException {
        Files.write(path, bytes);
        try {
            GgufFile file = GgufFile.open(path);
            for (GgufValue value : file.metadata().values()) {
                if (value instanceof GgufArray array && array.elementType() == GgufValueType.STRING) {
                    assertThat(array.byteStrings()).hasSize((int) array.length());
                }
            }
            GgufModelCheck.problems(List.of(file));
            return true;
        } catch (GgufFormatException e) {
            assertThat(e).hasMessageContaining(path.toString());
            return false;
        }
    }

    private void assertRefused(byte[] bytes, long offset, String fault) throws IOException {
        Files.write(path, bytes);
        assertThatThrownBy(() -> GgufFile.open(path))
                .isInstanceOfSatisfying(
                        GgufFormatException.class, e -> assertThat(e.offset()).isEqualTo(offset))
                .hasMessageContaining(fault);
    }

    private static byte[] tensor(int dimensions, int type, long... shape) {
        ByteBuffer sizes = ByteBuffer.allocate(8 * shape.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long size : shape) {
            sizes.putLong(size);
        }
        return header(3, 1, 0, string("t"), int32(dimensions), sizes.array(), int32(type), new byte[64]);
    }

    private static byte[] header(int version, long tensors, long keys, byte[]... rest) {
        int size = Arrays.stream(rest).mapToInt(part -> part.length).sum();
        ByteBuffer buffer = ByteBuffer.allocate(24 + size).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put("GGUF".getBytes(StandardCharsets.US_ASCII))
                .putInt(version)
                .putLong(tensors)
                .putLong(keys);
        for (byte[] part : rest) {
            buffer.put(part);
        }
        return buffer.array();
    }

    private static byte[] string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
