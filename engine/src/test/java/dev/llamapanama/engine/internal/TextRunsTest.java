package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextRunsTest {
    /** Underscores stand for blanks. */
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "a, 1",
        "_, 1",
        "____, 4",
        "abc, 3",
        "a_b, 2",
        "_ab_c, 4",
        "ab__cdefg_h, 8",
        "a_b_c_d, 3",
        "\u4e2d\u6587_\ud83d\ude00, 3",
    })
    void theLongestRunHasTheBlanksAroundIt(String text, int expected) {
        assertThat(TextRuns.longest(utf8(text.replace('_', ' ')))).isEqualTo(expected);
        assertThat(TextRuns.longest(utf8(text.replace('_', '\n')))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "ab c, 4", "\u4e2d\u00e9\ud83d\ude00, 3"})
    void codePointsAreCounted(String text, int expected) {
        assertThat(TextRuns.codePoints(utf8(text))).isEqualTo(expected);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
