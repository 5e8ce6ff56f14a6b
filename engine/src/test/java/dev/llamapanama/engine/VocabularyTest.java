package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class VocabularyTest {
    @Test
    void anyTextComesBackByteForByte() {
        Random random = new Random(7);
        try (Model model = Model.load(Models.llama())) {
            Vocabulary vocabulary = model.vocabulary();
            for (int i = 0; i < 300; i++) {
                String text = randomText(random, random.nextInt(60));
                int[] tokens = vocabulary.tokenize(text, false, false);
                assertThat(vocabulary.detokenize(tokens, false, true)).isEqualTo(text);
                assertThat(vocabulary.tokenize(text.getBytes(StandardCharsets.UTF_8), false, false))
                        .isEqualTo(tokens);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int token : tokens) {
                    bytes.writeBytes(vocabulary.bytes(token, false));
                }
                assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(text);
            }
            assertThat(vocabulary.tokenize("", false, false)).isEmpty();
            assertThat(vocabulary.detokenize(new int[0], false, false)).isEmpty();
        }
    }

    @Test
    void longTextsAndZeroBytesPass() {
        try (Model model = Model.load(Models.llama())) {
            String text = "word\0 ".repeat(20_000);
            int[] tokens = model.vocabulary().tokenize(text, false, false);
            assertThat(model.vocabulary().detokenize(tokens, false, true)).isEqualTo(text);
        }
    }

    @Test
    void realVocabulariesToo() {
        try (Model model = Model.load(Models.real("stories260K.gguf"))) {
            Vocabulary vocabulary = model.vocabulary();
            assertThat(vocabulary.type()).isEqualTo(VocabularyType.SPM);
            String text = "Once upon a time, \u00e9\u4e2d\ud83d\ude00 there was.\n\n";
            int[] tokens = vocabulary.tokenize(text, true, false);
            assertThat(tokens[0]).isEqualTo(vocabulary.bos().orElseThrow());
            assertThat(vocabulary.detokenize(tokens, true, false)).isEqualTo(text);
        }
    }

    @Test
    void badTextIsRefused() {
        try (Model model = Model.load(Models.llama())) {
            Vocabulary vocabulary = model.vocabulary();
            for (String bad : new String[] {"a\ud800b", "\udc00", "x\ud83d", "\ude00\ud83d"}) {
                assertThatExceptionOfType(TokenizationException.class)
                        .isThrownBy(() -> vocabulary.tokenize(bad, true, false))
                        .withMessageContaining("surrogate");
            }
            for (byte[] bad :
                    new byte[][] {{(byte) 0xC3}, {(byte) 0xFF}, {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80}}) {
                assertThatExceptionOfType(TokenizationException.class)
                        .isThrownBy(() -> vocabulary.tokenize(bad, true, false))
                        .withMessageContaining("UTF-8");
            }
        }
    }

    @Test
    void tokensThatAreNoneAreRefused() {
        try (Model model = Model.load(Models.llama())) {
            Vocabulary vocabulary = model.vocabulary();
            for (int bad : new int[] {-1, vocabulary.size(), Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.bytes(bad, true));
                assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.info(bad));
                assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.isControl(bad));
                assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.isEndOfGeneration(bad));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> vocabulary.detokenize(new int[] {1, bad}, false, false));
                assertThat(vocabulary.contains(bad)).isFalse();
            }
        }
    }

    @Test
    void specialTokensAreKnown() {
        try (Model model = Model.load(Models.llama())) {
            Vocabulary vocabulary = model.vocabulary();
            int eos = vocabulary.eos().orElseThrow();
            assertThat(vocabulary.isEndOfGeneration(eos)).isTrue();
            assertThat(vocabulary.isControl(eos)).isTrue();
            assertThat(vocabulary.bytes(eos, false)).isEmpty();
            assertThat(vocabulary.bytes(eos, true)).isNotEmpty();
            assertThat(vocabulary.info(eos).attributes()).contains(TokenAttribute.CONTROL);
            String name = new String(vocabulary.bytes(eos, true), StandardCharsets.UTF_8);
            assertThat(vocabulary.tokenize(name, false, true)).containsExactly(eos);
            assertThat(vocabulary.tokenize(name, false, false)).hasSizeGreaterThan(1);
            byte[] target = new byte[4];
            assertThat(vocabulary.bytesInto(eos, true, target, 2)).isEqualTo(name.length());
            vocabulary.fimPrefix();
            vocabulary.suppressed();
        }
    }

    private static String randomText(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int codePoint = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(128);
                case 1 -> 'a' + random.nextInt(26);
                case 2 -> random.nextInt(0xD800);
                default -> 0x10000 + random.nextInt(0x100000);
            };
            text.appendCodePoint(codePoint);
        }
        return text.toString();
    }
}
