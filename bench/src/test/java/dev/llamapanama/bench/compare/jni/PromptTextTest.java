package dev.llamapanama.bench.compare.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTextTest {
    /** Three characters a token, as a vocabulary with merges would have it; the rest is one more. */
    private static final ToIntFunction<String> THIRDS = text -> Math.ceilDiv(text.length(), 3);

    /** Words and single spaces. */
    private static final ToIntFunction<String> WORDS = text -> text.strip().split(" ").length;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 512, 2048})
    void hasTheNumberOfTokens(int tokens) {
        assertThat(THIRDS.applyAsInt(PromptText.of(tokens, THIRDS))).isEqualTo(tokens);
        assertThat(WORDS.applyAsInt(PromptText.of(tokens, WORDS))).isEqualTo(tokens);
        assertThat(PromptText.of(tokens, String::length)).hasSize(tokens);
    }

    @Test
    void givesUpWhereThereIsNone() {
        assertThatThrownBy(() -> PromptText.of(3, text -> 2 * text.length()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 tokens");
    }
}
