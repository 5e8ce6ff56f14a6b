package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one process of a variant measured.
 *
 * @param speeds tokens per second of each test
 * @param machine what it ran on, with the variant's build and settings; null of llama-bench, which does not say
 */
record Sample(List<Double> speeds, @Nullable Machine machine) {
    /** Copies the list. */
    Sample {
        speeds = List.copyOf(speeds);
    }
}
