package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one process of a program measured.
 *
 * @param speeds tokens per second, the median of the samples, for each of {@link CompareTest#speeds()}
 * @param machine what that process ran on, in the settings that it had; null where the program does not say
 */
record Measured(List<Double> speeds, @Nullable Machine machine) {
    /** Copies the list. */
    Measured {
        speeds = List.copyOf(speeds);
    }
}
