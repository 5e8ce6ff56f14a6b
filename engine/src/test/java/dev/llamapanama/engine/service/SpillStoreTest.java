package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which states are kept. */
class SpillStoreTest {
    private static int[] text(int length) {
        return IntStream.range(0, length).toArray();
    }

    @ParameterizedTest
    @CsvSource({"false, 100", "true, 50"})
    void aStateThatCanBeCutTakesThePlaceOfItsBeginnings(boolean whole, int expected) {
        SpillStore store = new SpillStore(1 << 20, null, 0);
        store.put("", text(50), new byte[50], whole);
        store.put("other", text(50), new byte[50], whole);
        store.put("", text(100), new byte[100], whole);

        assertThat(store.find("", text(50), 50, whole)).hasValueSatisfying(found -> {
            assertThat(found.length()).isEqualTo(expected);
            assertThat(found.common()).isEqualTo(50);
        });
        assertThat(store.match("other", text(100), 100, whole)).isEqualTo(50);
        assertThat(store.match("", text(100), 100, whole)).isEqualTo(100);
    }
}
