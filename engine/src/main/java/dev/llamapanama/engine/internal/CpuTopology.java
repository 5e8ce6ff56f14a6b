package dev.llamapanama.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many threads llama.cpp's tools would use on this machine. */
public final class CpuTopology {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private CpuTopology() {}

    /**
     * Physical cores, as {@code common_cpu_get_num_physical_cores} counts them, but not more than the JVM may use: with
     * more threads than the container has cores, ggml's spinning threads take turns and all slow down.
     */
    public static int physicalCores() {
        return Math.max(1, Math.min(siblings(CPUS), Runtime.getRuntime().availableProcessors()));
    }

    static int siblings(Path cpus) {
        Set<String> cores = new HashSet<>();
        for (int cpu = 0; ; cpu++) {
            try {
                cores.add(Files.readString(cpus.resolve("cpu" + cpu + "/topology/thread_siblings")));
            } catch (IOException | SecurityException e) {
                break; // no more CPUs, or no such file system
            }
        }
        if (!cores.isEmpty()) {
            return cores.size();
        }
        int logical = Runtime.getRuntime().availableProcessors();
        return logical <= 4 ? logical : logical / 2;
    }
}
