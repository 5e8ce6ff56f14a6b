package dev.llamapanama.gguf.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.gguf.GgmlType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockGeneratorTest {
    private static final int ELEMENTS = 1 << 18;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q5_K", "Q6_K"})
    void elementsHaveTheWantedMeanAndDeviation(GgmlType type) {
        double deviation = 0.02;
        double[] elements = elements(type, 7, deviation);
        double mean = Arrays.stream(elements).average().orElseThrow();
        double square = Arrays.stream(elements).map(x -> x * x).average().orElseThrow();
        assertThat(mean).isEqualTo(0, within(0.02 * deviation));
        assertThat(Math.sqrt(square)).isEqualTo(deviation, within(0.02 * deviation));
        assertThat(Arrays.stream(elements).map(Math::abs).max().orElseThrow()).isLessThan(8 * deviation);
    }

    @Test
    void equalSeedsGiveEqualBytes() {
        assertThat(bytes(GgmlType.Q6_K, 7, 1))
                .isEqualTo(bytes(GgmlType.Q6_K, 7, 1))
                .isNotEqualTo(bytes(GgmlType.Q6_K, 8, 1));
    }

    @Test
    void signedBytesAreNeverMinus128() {
        byte[] bytes = bytes(GgmlType.Q8_0, 7, 1);
        for (int block = 0; block < bytes.length; block += 34) {
            for (int i = 2; i < 34; i++) {
                assertThat(bytes[block + i]).isNotEqualTo((byte) -128);
            }
        }
    }

    @Test
    void plainElementsMayHaveAMean() {
        BlockGenerator generator = new BlockGenerator(GgmlType.F32, 1, -4, 0.8);
        byte[] bytes = new byte[4 * 10_000];
        generator.fill(bytes, 0, 10_000);
        double[] elements =
                Dequantizer.dequantize(GgmlType.F32, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        assertThat(Arrays.stream(elements).average().orElseThrow()).isEqualTo(-4, within(0.05));
        assertThat(Arrays.stream(elements).max().orElseThrow()).isNegative();
        assertThatThrownBy(() -> new BlockGenerator(GgmlType.Q8_0, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockGenerator(GgmlType.I8, 1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static double[] elements(GgmlType type, long seed, double deviation) {
        return Dequantizer.dequantize(
                type, ByteBuffer.wrap(bytes(type, seed, deviation)).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static byte[] bytes(GgmlType type, long seed, double deviation) {
        int blocks = ELEMENTS / type.blockSize();
        byte[] bytes = new byte[blocks * type.blockBytes()];
        new BlockGenerator(type, seed, 0, deviation).fill(bytes, 0, blocks);
        return bytes;
    }
}
