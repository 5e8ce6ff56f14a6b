package dev.llamapanama.bench.compare.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTextTest {
    /** Three characters a token, as a vocabulary with merges would have it; the rest is one more. */
    private static int thirds(String text) {
        return Math.ceilDiv(text.length(), 3);
    }

    /** Words and single spaces. */
    private static int words(String text) {
        return text.strip().split(" ", -1).length;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 512, 2048})
    void hasTheNumberOfTokens(int tokens) {
        assertThat(thirds(PromptText.of(tokens, PromptTextTest::thirds))).isEqualTo(tokens);
        assertThat(words(PromptText.of(tokens, PromptTextTest::words))).isEqualTo(tokens);
        assertThat(PromptText.of(tokens, String::length)).hasSize(tokens);
    }

    @Test
    void givesUpWhereThereIsNone() {
        assertThatThrownBy(() -> PromptText.of(3, text -> 2 * text.length()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 tokens");
    }
}
