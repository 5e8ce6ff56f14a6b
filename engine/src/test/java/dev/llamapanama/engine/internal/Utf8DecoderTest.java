package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8DecoderTest {
    @Test
    void aCodePointAppearsWithItsLastByte() {
        byte[] bytes = "€".getBytes(StandardCharsets.UTF_8);
        Utf8Decoder decoder = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        decoder.decode(bytes, 0, 2, text);
        assertThat(text).isEmpty();
        assertThat(decoder.pendingBytes()).isEqualTo(2);
        decoder.decode(bytes, 2, 1, text);
        assertThat(text).hasToString("€");
    }

    @Test
    void danglingBytesBecomeOneReplacementCharacter() {
        Utf8Decoder decoder = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        decoder.decode(new byte[] {'a', (byte) 0xF0, (byte) 0x9F, (byte) 0x98}, 0, 4, text);
        decoder.finish(text);
        assertThat(text).hasToString("a\uFFFD");
    }

    @Test
    void aFinishedDecoderIsAsNew() {
        Utf8Decoder decoder = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        decoder.decode(new byte[] {(byte) 0xC3}, 0, 1, text);
        decoder.finish(text);
        decoder.decode(new byte[] {'b'}, 0, 1, text);
        decoder.finish(text);
        assertThat(text).hasToString("\uFFFDb");
    }

    @Test
    void textInAnyChunksIsThatText() {
        Random random = new Random(3);
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(40);
            for (int i = 0; i < length; i++) {
                text.appendCodePoint(randomCodePoint(random));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            assertThat(decodeInChunks(bytes, random)).isEqualTo(text.toString());
        }
    }

    @Test
    void anyBytesInAnyChunksAreWhatTheJdkMakesOfThem() {
        Random random = new Random(4);
        int[] notable = {
            0x00, 0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0xA0, 0x9F
        };
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(30)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) notable[random.nextInt(notable.length)];
            }
            assertThat(decodeInChunks(bytes, random))
                    .as(Arrays.toString(bytes))
                    .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static String decodeInChunks(byte[] bytes, Random random) {
        Utf8Decoder decoder = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < bytes.length) {
            int count = Math.min(bytes.length - at, random.nextInt(random.nextInt(20) == 0 ? 200 : 5));
            decoder.decode(bytes, at, count, text);
            if (!text.isEmpty()) {
                assertThat(Character.isHighSurrogate(text.charAt(text.length() - 1)))
                        .isFalse();
            }
            at += count;
        }
        decoder.finish(text);
        return text.toString();
    }

    private static int randomCodePoint(Random random) {
        int[] limits = {0x80, 0x800, 0xD800, 0x110000};
        int codePoint = random.nextInt(limits[random.nextInt(limits.length)]);
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? '.' : codePoint;
    }
}
