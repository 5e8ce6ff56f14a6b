package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void bytesAreJudgedAsTheJdkDoes() {
        Random random = new Random(11);
        byte[] alphabet = {
            'a',
            (byte) 0x80,
            (byte) 0x8F,
            (byte) 0x90,
            (byte) 0x9F,
            (byte) 0xA0,
            (byte) 0xBF,
            (byte) 0xC0,
            (byte) 0xC2,
            (byte) 0xDF,
            (byte) 0xE0,
            (byte) 0xED,
            (byte) 0xEF,
            (byte) 0xF0,
            (byte) 0xF4,
            (byte) 0xF5,
            (byte) 0xFF
        };
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(6)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = alphabet[random.nextInt(alphabet.length)];
            }
            assertThat(Utf8.firstInvalid(bytes) < 0).isEqualTo(isValid(bytes));
        }
    }

    private static boolean isValid(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void loneSurrogatesAreFound() {
        assertThat(Utf8.firstLoneSurrogate("a\ud83d\ude00b")).isEqualTo(-1);
        assertThat(Utf8.firstLoneSurrogate("a\ud83db")).isEqualTo(1);
        assertThat(Utf8.firstLoneSurrogate("\ude00")).isZero();
        assertThat(Utf8.firstLoneSurrogate("\ud83d\ude00\ud83d")).isEqualTo(2);
    }
}
