package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ParallelPassesTest {
    @Test
    void eachThreadDoesItsPartOnce() throws InterruptedException {
        ConcurrentHashMap<Integer, Integer> parts = new ConcurrentHashMap<>();

        ParallelPasses.once(3, thread -> parts.merge(thread, 1, Integer::sum));

        assertThat(parts).containsOnlyKeys(0, 1, 2).containsValues(1, 1, 1);
    }

    @Test
    void theRateIsUnitsOfAllThreadsByTime() throws InterruptedException {
        AtomicInteger passes = new AtomicInteger();

        double[] rates = ParallelPasses.rates(2, Duration.ZERO, thread -> {
            passes.incrementAndGet();
            long end = System.nanoTime() + 30_000_000; // longer than a pass must be: one repetition
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            return 3_000_000;
        });

        assertThat(Arrays.stream(rates).boxed()).hasSize(3).allMatch(rate -> rate > 0 && rate <= 2 * 3_000_000 / 0.03);
        assertThat(passes).hasValue(2 * 4);
    }

    @Test
    void aFailureOfOneThreadEndsAll() {
        assertThatThrownBy(() -> ParallelPasses.rates(3, Duration.ofSeconds(60), thread -> {
                    if (thread == 1) {
                        throw new IllegalStateException("broken");
                    }
                    return 1;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken");
    }
}
