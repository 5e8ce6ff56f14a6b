package dev.llamapanama.bench.report;

import dev.llamapanama.bench.machine.Machine;
import org.jspecify.annotations.Nullable;

/** A row of a result file. What a row does not say is null. */
public sealed interface ResultRow
        permits ThroughputRow, StreamsRow, RatioRow, LatencyRow, StartupRow, LimitsRow, VariantRow {
    /** What it was measured on. */
    @Nullable
    Machine machine();

    /** The command that measured. */
    @Nullable
    String command();

    /** When it was measured, UTC, in the form of ISO 8601. */
    @Nullable
    String testTime();

    /** Whether the engine was measured, and not a tool of llama.cpp alone. */
    boolean ofEngine();

    /** The last part of a path; of another system's path, too. */
    static String fileName(String path) {
        return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    }
}
