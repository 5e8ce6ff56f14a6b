package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels do all of the work that they are timed for. How fast they are depends on what else the machine does. */
@ExtendWith(NoLeaks.class)
class MachineLimitsTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void everyWordIsRead(int threads) throws InterruptedException {
        int words = 100_003; // no multiple of what a kernel reads at once
        try (MachineLimits limits = MachineLimits.open(words * 8L, threads)) {
            for (int first : new int[] {0, 1, 77}) {
                long sum = 0;
                for (long i = first; i < words; i++) {
                    sum += i * 0x9E3779B97F4A7C15L;
                }
                assertThat(limits.sum(first, words)).isEqualTo(sum);
            }
            for (int n = 0; n < 70; n++) {
                long sum = 0;
                for (long i = 5; i < 5 + n; i++) {
                    sum += i * 0x9E3779B97F4A7C15L;
                }
                assertThat(limits.sum(5, 5 + n)).as("%d words", n).isEqualTo(sum);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void bandwidthIsThatOfAMachine(int threads) throws InterruptedException {
        try (MachineLimits limits = MachineLimits.open(32 << 20, 2)) {
            assertThat(limits.bufferBytes()).isEqualTo(32 << 20);
            assertPlausible(limits.readBandwidth(threads, SHORT), 1e7, 1e14);
        }
    }

    @ParameterizedTest
    @EnumSource
    void multiplyAddsAreCountedByTheSums(MultiplyFormat format) {
        if (MachineLimits.multiplyInstruction(format).isEmpty()) {
            assertThatThrownBy(() -> MachineLimits.multiplyAdds(format, 1))
                    .isInstanceOf(NativeFailureException.class)
                    .hasMessageContaining("no instruction");
            return;
        }
        long one = MachineLimits.multiplyAdds(format, 1);

        assertThat(one).isGreaterThanOrEqualTo(12 * 4).isEqualTo(12 * (one / 12));
        assertThat(MachineLimits.multiplyAdds(format, 0)).isZero();
        assertThat(MachineLimits.multiplyAdds(format, 1000)).isEqualTo(1000 * one);
        assertThat(MachineLimits.multiplyAdds(format, 1 << 22)).isEqualTo((1L << 22) * one);
        assertThatThrownBy(() -> MachineLimits.multiplyAdds(format, (1 << 22) + 1))
                .isInstanceOf(NativeFailureException.class)
                .hasMessageContaining("exact");
    }

    @ParameterizedTest
    @EnumSource
    void formatsWithoutInstructionAreReportedAsSuch(MultiplyFormat format) throws InterruptedException {
        if (MachineLimits.multiplyInstruction(format).isEmpty()) {
            assertThatThrownBy(() -> MachineLimits.multiplyThroughput(format, 1, SHORT))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(format.name());
        } else {
            assertPlausible(MachineLimits.multiplyThroughput(format, 2, SHORT), 1e7, 1e16);
        }
    }

    /** The kernels ask the CPU; Linux tells the same in words. */
    @Test
    void instructionsAreThoseThatLinuxNames() throws Exception {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        List<String> flags = Files.readAllLines(cpuinfo).stream()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> List.of(line.split("\\s+")))
                .orElse(List.of());

        assertThat(MachineLimits.multiplyInstruction(MultiplyFormat.F32)).isPresent();
        assertThat(MachineLimits.multiplyInstruction(MultiplyFormat.BF16).isPresent())
                .isEqualTo(flags.contains("avx512_bf16"));
        assertThat(MachineLimits.multiplyInstruction(MultiplyFormat.INT8).isPresent())
                .isEqualTo(flags.contains("avx2"));
        assertThat(MachineLimits.multiplyInstruction(MultiplyFormat.INT8)
                        .orElse("")
                        .contains("VNNI"))
                .isEqualTo(flags.contains("avx512_vnni") || flags.contains("avx_vnni"));
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> MachineLimits.open(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MachineLimits.open(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MachineLimits.open(1L << 62, 1))
                .isInstanceOf(NativeFailureException.class)
                .hasMessageContaining("memory");
    }

    @Test
    void aClosedBufferIsNotRead() throws InterruptedException {
        MachineLimits limits = MachineLimits.open(4096, 1);
        limits.close();
        limits.close();

        assertThatThrownBy(() -> limits.readBandwidth(1, SHORT)).isInstanceOf(IllegalStateException.class);
    }

    /** Wide bounds: they tell a dropped loop and a wrong unit from a machine that is busy. */
    private static void assertPlausible(MachineLimits.Rate rate, double least, double most) {
        assertThat(rate.best()).isBetween(least, most).isGreaterThanOrEqualTo(rate.median());
        assertThat(rate.median()).isGreaterThan(least);
    }
}
