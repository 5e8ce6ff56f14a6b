package dev.llamapanama.bench.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void areThoseOfTheSamplesToThreeDigits() {
        Percentiles percentiles = Percentiles.of(
                LongStream.rangeClosed(1, 1000).map(i -> (1001 - i) * 1_000_000).toArray());

        assertThat(percentiles.p50()).isCloseTo(500_000_000, within(500_000L));
        assertThat(percentiles.p95()).isCloseTo(950_000_000, within(950_000L));
        assertThat(percentiles.p99()).isCloseTo(990_000_000, within(990_000L));
    }

    @Test
    void ofOneSampleAreThatSample() {
        assertThat(Percentiles.of(1000)).isEqualTo(new Percentiles(1000, 1000, 1000));
    }
}
