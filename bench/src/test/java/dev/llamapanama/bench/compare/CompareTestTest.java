package dev.llamapanama.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompareTestTest {
    @Test
    void readsLlamaBenchsNames() {
        assertThat(CompareTest.parse("pp512")).isEqualTo(new CompareTest(512, 0, 0, 0));
        assertThat(CompareTest.parse("tg64@d2048")).isEqualTo(new CompareTest(0, 64, 2048, 0));
        assertThat(CompareTest.parse("tg64@d2048").speeds()).containsExactly("tg64 @ d2048");
        assertThat(CompareTest.parse("tg64@d2048").contextLength()).isEqualTo(2112);
    }

    @Test
    void readsParallelSequences() {
        CompareTest test = CompareTest.parse("pp128+tg64x8");

        assertThat(test).isEqualTo(new CompareTest(128, 64, 0, 8));
        assertThat(test).hasToString("pp128+tg64x8");
        assertThat(test.speeds()).containsExactly("pp128+tg64x8 prompt", "pp128+tg64x8 generation");
        assertThat(test.contextLength()).isEqualTo(8 * 192);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pp", "pp0", "pp128+tg64", "pp128+tg64x0", "pp128+tg64x257", "tg64x8", "pp1 tg1"})
    void refusesOthers(String name) {
        assertThatThrownBy(() -> CompareTest.parse(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
    }
}
