package dev.llamapanama.bench.report;

import dev.llamapanama.bench.machine.Machine;

/** The lines above a table: what was measured, and on what. */
public final class MarkdownHead {
    private static final double GIB = 1 << 30;
    private static final double MIB = 1 << 20;

    private MarkdownHead() {}

    /** What the run was on. */
    public static String machine(Machine machine) {
        String cores = machine.physicalCores() + " cores, ";
        return """
                - machine: %s, %s%d hardware threads, %s of memory
                - CPU features in use: %s; llamapanama's kernels: %s
                - llamapanama %s; llama.cpp %s, %s (%s build, %s)
                - JVM: %s
                """.formatted(
                        machine.cpu(),
                        cores,
                        machine.logicalCores(),
                        bytes(machine.memoryBytes()),
                        String.join(" ", machine.features()),
                        machine.kernels() == null ? "none yet" : machine.kernels(),
                        machine.commit(),
                        machine.llamaCppVersion(),
                        machine.cpuLibrary(),
                        machine.profile(),
                        machine.openMp() ? "OpenMP" : "ggml's own threads",
                        machine.jvm());
    }

    /**
     * A model.
     *
     * @param type llama.cpp's description, as "qwen2 0.5B Q8_0"
     * @param size bytes of all tensors
     * @param parameters weights
     * @param file its name
     */
    public static String model(String type, long size, long parameters, String file) {
        String count = parameters < 1_000_000_000
                ? MarkdownTable.number(parameters / 1e6, 2) + " M"
                : MarkdownTable.number(parameters / 1e9, 2) + " B";
        return "- model: %s, %s, %s parameters: %s%n".formatted(type, bytes(size), count, file);
    }

    private static String bytes(long bytes) {
        return bytes < GIB
                ? MarkdownTable.number(bytes / MIB, 2) + " MiB"
                : MarkdownTable.number(bytes / GIB, 2) + " GiB";
    }
}
