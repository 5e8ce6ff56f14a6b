package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    /** What was shown, and the stop string that was found. */
    private record Outcome(String text, @Nullable String found) {}

    @Test
    void withoutStopStringsTextPassesAtOnce() {
        StringBuilder target = new StringBuilder();
        StopStrings stopStrings = new StopStrings(List.of());
        assertThat(stopStrings.accept("text", target)).isFalse();
        assertThat(target).hasToString("text");
    }

    @Test
    void findsStopStringAcrossPieces() {
        assertThat(run(List.of("###"), List.of("Hello #", "#", "# hidden"))).isEqualTo(new Outcome("Hello ", "###"));
    }

    @Test
    void holdsBackNoMoreThanALongestPrefix() {
        StopStrings stopStrings = new StopStrings(List.of("</end>"));
        StringBuilder target = new StringBuilder();
        stopStrings.accept("a </e", target);
        assertThat(target).hasToString("a ");
        stopStrings.accept("vent", target);
        assertThat(target).hasToString("a </event");
    }

    @Test
    void whatIsHeldBackIsShownAtTheEnd() {
        assertThat(run(List.of("stop"), List.of("don't sto"))).isEqualTo(new Outcome("don't sto", null));
    }

    @Test
    void textAfterAStopStringIsNeverShown() {
        assertThat(run(List.of("x"), List.of("ax", "b", "c"))).isEqualTo(new Outcome("a", "x"));
    }

    @Test
    void ofStopStringsThatEndTogetherTheLongestCounts() {
        assertThat(run(List.of("c", "abc", "bc"), List.of("..abc"))).isEqualTo(new Outcome("..", "abc"));
    }

    @Test
    void theStopStringThatIsCompleteFirstCounts() {
        assertThat(run(List.of("abcd", "bc"), List.of("abcd"))).isEqualTo(new Outcome("a", "bc"));
    }

    @Test
    void refusesAnEmptyStopString() {
        assertThatThrownBy(() -> new StopStrings(List.of(""))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void agreesWithASearchOfTheWholeText() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            List<String> stops = randomTexts(random, 1 + random.nextInt(3), 1, 5);
            List<String> pieces = randomTexts(random, random.nextInt(12), 0, 4);
            assertThat(run(stops, pieces))
                    .as("stops %s, pieces %s", stops, pieces)
                    .isEqualTo(oracle(stops, String.join("", pieces)));
        }
    }

    private static Outcome run(List<String> stops, List<String> pieces) {
        StopStrings stopStrings = new StopStrings(stops);
        StringBuilder target = new StringBuilder();
        String all = "";
        for (String piece : pieces) {
            all += piece;
            boolean found = stopStrings.accept(piece, target);
            assertThat(all).startsWith(target);
            if (found) {
                break;
            }
            assertThat(stops.stream().noneMatch(target.toString()::contains)).isTrue();
        }
        stopStrings.finish(target);
        return new Outcome(target.toString(), stopStrings.found());
    }

    /** The shortest prefix that ends in a stop string, without the longest such one. */
    private static Outcome oracle(List<String> stops, String text) {
        for (int end = 1; end <= text.length(); end++) {
            String prefix = text.substring(0, end);
            String found =
                    stops.stream().filter(prefix::endsWith).reduce("", (a, b) -> a.length() > b.length() ? a : b);
            if (!found.isEmpty()) {
                return new Outcome(prefix.substring(0, end - found.length()), found);
            }
        }
        return new Outcome(text, null);
    }

    private static List<String> randomTexts(Random random, int count, int min, int max) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int length = min + random.nextInt(max - min + 1);
            for (int j = 0; j < length; j++) {
                text.appendCodePoint(random.nextInt(10) == 0 ? 0x1F600 : 'a' + random.nextInt(2));
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
