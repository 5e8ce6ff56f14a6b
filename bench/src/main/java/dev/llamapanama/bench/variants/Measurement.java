package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs tests once with one variant. */
@FunctionalInterface
interface Measurement {
    /**
     * Measures.
     *
     * @param tests tests of one depth
     * @return the speed of each test, in their order
     * @throws CpuMismatchException if the variant's build is not for this CPU
     * @throws IOException if the measurement fails
     */
    Sample measure(Variant variant, Path model, List<TestSpec> tests)
            throws IOException, InterruptedException, CpuMismatchException;
}
