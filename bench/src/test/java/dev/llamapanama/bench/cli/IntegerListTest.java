package dev.llamapanama.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegerListTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {
                "512 = 512",
                "128,512 = 128 512",
                "0 = 0",
                "1-4 = 1 2 3 4",
                "128-512+128 = 128 256 384 512",
                "1-16*2 = 1 2 4 8 16",
                "1-10*3,7 = 1 3 9 7",
                "5-5 = 5"
            })
    void readsLlamaBenchsForms(String text, String values) {
        assertThat(IntegerList.parse(text).values())
                .containsExactlyElementsOf(
                        Arrays.stream(values.split(" ")).map(Integer::valueOf).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1,", "-1", "1.5", "4-1", "1-4+0", "0-4*2", "1-4*1", "1-100000", "99999999999"})
    void refusesOthers(String text) {
        assertThatThrownBy(() -> IntegerList.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesWhatItReads() {
        assertThat(IntegerList.parse("1-3,8")).hasToString("1,2,3,8");
    }
}
