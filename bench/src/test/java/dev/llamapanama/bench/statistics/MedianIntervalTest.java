package dev.llamapanama.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MedianIntervalTest {
    /** Ranks and confidences are those of the binomial distribution with p = 1/2. */
    @ParameterizedTest
    @CsvSource({
        "6, 1, 0.96875",
        "8, 1, 0.99219",
        "9, 2, 0.96094",
        "10, 2, 0.97852",
        "15, 4, 0.96484",
        "20, 6, 0.95861",
        "25, 8, 0.95671",
        "40, 14, 0.96152"
    })
    void isFromTheRankThatTablesSay(int n, int rank, double confidence) {
        MedianInterval interval = MedianInterval.of(0.95, oneTo(n)).orElseThrow();

        assertThat(interval.low()).isEqualTo(rank);
        assertThat(interval.high()).isEqualTo(n + 1 - rank);
        assertThat(interval.confidence()).isCloseTo(confidence, within(5e-6));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "5"})
    void thereIsNoneOfTooFewSamples(int n) {
        assertThat(MedianInterval.of(0.95, oneTo(n))).isEmpty();
    }

    @Test
    void orderDoesNotMatter() {
        assertThat(MedianInterval.of(0.95, 4, 1, 6, 2, 5, 3)).isEqualTo(MedianInterval.of(0.95, oneTo(6)));
    }

    @Test
    void holdsTheMedianAsOftenAsItSays() {
        // all 2^9 ways in which 9 samples lie below or above the median; exactly those with 2 to 7 below hold it
        long holds = IntStream.range(0, 1 << 9)
                .map(Integer::bitCount)
                .filter(below -> below >= 2 && below <= 7)
                .count();

        assertThat(MedianInterval.of(0.95, oneTo(9)).orElseThrow().confidence()).isEqualTo(holds / 512.0);
    }

    private static double[] oneTo(int n) {
        return IntStream.rangeClosed(1, n).asDoubleStream().toArray();
    }
}
