package dev.llamapanama.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSpecTest {
    @Test
    void readsLlamaBenchsNames() {
        assertThat(TestSpec.parse("pp512")).isEqualTo(new TestSpec(512, 0, 0)).hasToString("pp512");
        assertThat(TestSpec.parse("tg64@d512"))
                .isEqualTo(new TestSpec(0, 64, 512))
                .hasToString("tg64 @ d512");
        assertThat(TestSpec.parse("pp16 @ d8")).isEqualTo(new TestSpec(16, 0, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "512", "pp", "pp0", "pg512", "tg64@512", "tg-1"})
    void refusesOthers(String name) {
        assertThatThrownBy(() -> TestSpec.parse(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
