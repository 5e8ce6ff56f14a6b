package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many guesses pay when making them takes time. */
class DraftLengthTest {
    private static final double STEP = 1; // seconds of a batch of one

    private static StepTimes times() {
        StepTimes times = new StepTimes();
        for (int tokens = 1; tokens <= 32; tokens++) {
            times.observe(tokens, STEP + 0.05 * (tokens - 1));
        }
        return times;
    }

    private static DraftLength after(int drafted, int accepted) {
        DraftLength length = new DraftLength(0.5);
        for (int i = 0; i < 50; i++) {
            length.observe(drafted, accepted);
        }
        return length;
    }

    @Test
    void theMoreAGuessCostsTheFewerAreMade() {
        DraftLength right = after(4, 3);
        int before = DraftLength.MOST;
        for (double seconds : new double[] {0, 0.02, 0.1, 0.3, 0.6}) {
            int count = right.best(0, DraftLength.MOST, 0, times(), seconds, 0);
            assertThat(count).as("at %s s", seconds).isLessThanOrEqualTo(before);
            before = count;
        }
        assertThat(right.best(0, DraftLength.MOST, 0, times(), 0, 0)).isGreaterThan(3);
        assertThat(right.best(0, DraftLength.MOST, 0, times(), 0.1, 0)).isPositive();
        assertThat(right.best(0, DraftLength.MOST, 0, times(), STEP, 0)).isZero();
    }

    @Test
    void aModelThatIsAsSlowAsTheOtherNeverPays() {
        assertThat(after(4, 4).best(0, DraftLength.MOST, 0, times(), STEP, 0)).isZero();
        assertThat(after(4, 4).best(3, DraftLength.MOST, 0, times(), STEP, 0))
                .as("unless it must")
                .isEqualTo(3);
    }

    @Test
    void whatMustBeReadFirstCountsToo() {
        DraftLength right = after(4, 4);
        assertThat(right.best(0, DraftLength.MOST, 0, times(), 0.05, 0)).isEqualTo(DraftLength.MOST);
        assertThat(right.best(0, DraftLength.MOST, 0, times(), 0.05, 0.1))
                .as("a long answer is to come")
                .isPositive();
        assertThat(right.best(0, DraftLength.MOST, 0, times(), 0.05, 2 * STEP))
                .as("a short answer is to come")
                .isZero();
    }

    @Test
    void aTryIsLeftOutWhereItCostsMoreThanAFewSteps() {
        int cheap = 0;
        int dear = 0;
        DraftLength first = new DraftLength(0.5);
        DraftLength second = new DraftLength(0.5);
        for (int i = 0; i < 640; i++) {
            cheap += first.isProbe(STEP, 0, times()) ? 1 : 0;
            dear += second.isProbe(5 * STEP, 0, times()) ? 1 : 0;
        }
        assertThat(cheap).isEqualTo(10);
        assertThat(dear).isZero();
    }
}
