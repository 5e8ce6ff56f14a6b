package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        assertThat(store.find("other", text(100), 100, whole))
                .hasValueSatisfying(found -> assertThat(found.common()).isEqualTo(50));
        assertThat(store.find("", text(100), 100, whole))
                .hasValueSatisfying(found -> assertThat(store.read(found)).contains(new byte[100]));
    }

    @Test
    void ofStatesThatAreAsGoodTheShortestIsTaken() {
        SpillStore store = new SpillStore(1 << 20, null, 0);
        store.put("", with(text(100), 1), new byte[100], false);
        store.put("", with(text(60), 2), new byte[60], false);
        store.put("", with(text(80), 3), new byte[80], false);

        assertThat(store.find("", with(text(61), 4), 59, false))
                .hasValueSatisfying(found -> assertThat(found.length()).isEqualTo(60));
    }

    private static int[] with(int[] text, int last) {
        text[text.length - 1] = -last;
        return text;
    }

    @Test
    void thereIsAPlaceInTheHeapOrInAFile(@TempDir Path folder) {
        assertThat(new SpillStore(100, null, 0).takes(100)).isTrue();
        assertThat(new SpillStore(100, null, 200).takes(101)).isFalse();
        assertThat(new SpillStore(100, folder, 200).takes(200)).isTrue();
        assertThat(new SpillStore(100, folder, 200).takes(201)).isFalse();
    }

    @Test
    void whatIsTooLargeForTheHeapGoesToAFileAtOnce(@TempDir Path folder) {
        SpillStore store = new SpillStore(100, folder, 1 << 20);
        store.put("a", text(10), new byte[90], false);
        store.put("b", text(10), new byte[101], false);

        assertThat(folder)
                .isDirectoryContaining("glob:**.prefix")
                .satisfies(kept -> assertThat(kept.toFile().list())
                        .as("the one in the heap stays there")
                        .hasSize(1));
        for (String salt : new String[] {"a", "b"}) {
            assertThat(store.find(salt, text(10), 10, false))
                    .hasValueSatisfying(found -> assertThat(store.read(found))
                            .hasValueSatisfying(state -> assertThat(state).hasSize(salt.equals("a") ? 90 : 101)));
        }
    }

    @Test
    void theLeastRecentlyUsedGoes() {
        SpillStore store = new SpillStore(100, null, 0);
        store.put("a", text(10), new byte[40], false);
        store.put("b", text(10), new byte[40], false);
        SpillStore.Found first = store.find("a", text(10), 10, false).orElseThrow();
        assertThat(store.read(first)).isPresent();
        store.put("c", text(10), new byte[40], false);

        assertThat(store.read(first)).isPresent();
        assertThat(store.find("b", text(10), 10, false)).isEmpty();
        store.forget(first);
        assertThat(store.read(first)).isEmpty();
    }
}
