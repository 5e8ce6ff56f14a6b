package dev.llamapanama.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void meanOfNothingIsZeroAsInLlamaBench() {
        assertThat(Statistics.mean()).isZero();
        assertThat(Statistics.mean(1, 2, 6)).isEqualTo(3);
    }

    @Test
    void standardDeviationIsThatOfASample() {
        assertThat(Statistics.standardDeviation()).isZero();
        assertThat(Statistics.standardDeviation(5)).isZero();
        assertThat(Statistics.standardDeviation(2, 4, 4, 4, 5, 5, 7, 9)).isCloseTo(Math.sqrt(32.0 / 7), within(1e-12));
    }

    @Test
    void standardDeviationOfLongTimesDoesNotOverflow() {
        assertThat(Statistics.standardDeviation(9e12, 9e12 + 2)).isCloseTo(Math.sqrt(2), within(1e-6));
    }

    @Test
    void medianIsTheMiddle() {
        assertThat(Statistics.median()).isNaN();
        assertThat(Statistics.median(3)).isEqualTo(3);
        assertThat(Statistics.median(9, 1, 3)).isEqualTo(3);
        assertThat(Statistics.median(9, 1, 3, 5)).isEqualTo(4);
    }
}
