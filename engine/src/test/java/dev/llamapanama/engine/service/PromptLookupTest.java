package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {
    @Test
    void theNewestEarlierPlaceIsFound() {
        int[] text = {1, 2, 3, 7, 1, 2, 3, 8, 1, 2, 3};
        PromptLookup lookup = new PromptLookup();
        assertThat(lookup.find(text, 2)).isNegative();
        assertThat(lookup.find(text, 3)).isNegative();
        assertThat(lookup.find(text, 7)).isEqualTo(3);
        assertThat(lookup.find(text, 11)).isEqualTo(7);
    }

    @Test
    void itFindsWhatASearchFinds() {
        Random random = new Random(1);
        for (int vocabulary : new int[] {2, 5, 100}) {
            int[] text = random.ints(3000, 0, vocabulary).toArray();
            PromptLookup lookup = new PromptLookup();
            for (int length = 1; length <= text.length; length += 1 + random.nextInt(3)) {
                assertThat(lookup.find(text, length)).as("length %d", length).isEqualTo(search(text, length));
            }
        }
    }

    private static int search(int[] text, int length) {
        for (int end = length - 1; end >= 3; end--) {
            if (text[end - 1] == text[length - 1]
                    && text[end - 2] == text[length - 2]
                    && text[end - 3] == text[length - 3]) {
                return end;
            }
        }
        return -1;
    }

    @Test
    void guessesAreCheckedWhereThatPays() {
        StepTimes times = new StepTimes();
        for (int tokens = 1; tokens <= 32; tokens++) {
            times.observe(tokens, 1 + 0.05 * tokens);
        }
        DraftLength right = new DraftLength(0.5);
        DraftLength wrong = new DraftLength(0.5);
        for (int i = 0; i < 50; i++) {
            right.observe(4, 4);
            wrong.observe(4, 0);
        }
        assertThat(right.best(0, 16, 0, times, 0, 0)).isEqualTo(16);
        assertThat(right.best(0, 3, 0, times, 0, 0)).isEqualTo(3);
        assertThat(new DraftLength(0.5).best(9, 8, 1000, times, 0, 0)).isEqualTo(8);
        assertThat(wrong.best(0, 16, 0, times, 0, 0)).isZero();
    }

    /** What the lookup has is compared with what comes where it was not to be checked, too. */
    @Test
    void aTextThatBeginsToRepeatItselfIsNoticed() {
        StepTimes times = new StepTimes();
        for (int tokens = 1; tokens <= 32; tokens++) {
            times.observe(tokens, 1 + 0.2 * (tokens - 1));
        }
        int[] text = new int[64];
        for (int i = 0; i < text.length; i++) {
            text[i] = i % 8; // at first nothing is known of it
        }
        Draft draft = new Draft();
        int first = text.length;
        for (int length = 12; length < text.length; length++) {
            draft.clear();
            draft.lookUp(text, length, 16, 0, 0, times);
            if (draft.count() > 0) {
                first = Math.min(first, length);
                draft.checked(draft.count());
            } else {
                draft.sampled(text[length]);
            }
        }
        assertThat(first).isBetween(13, 15);
    }

    @Test
    void aMachineThatGainsNothingFromBatchesGuessesNothing() {
        StepTimes times = new StepTimes();
        for (int tokens = 1; tokens <= 32; tokens++) {
            times.observe(tokens, tokens);
        }
        assertThat(new DraftLength(0.5).best(0, 16, 0, times, 0, 0)).isZero();
    }
}
