package dev.llamapanama.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What Linux says about the processor. */
final class CpuTopology {
    private final Path root;

    /**
     * @param root the folder that holds {@code proc} and {@code sys}
     */
    CpuTopology(Path root) {
        this.root = root;
    }

    static CpuTopology ofThisMachine() {
        return new CpuTopology(Path.of("/"));
    }

    /** The processor's name, as ggml and llama-bench give it. */
    String model() {
        try (var lines = Files.lines(root.resolve("proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("CPU");
        } catch (IOException e) {
            return "CPU";
        }
    }

    /** Cores, each counted once however many threads it runs; llama-bench's default number of threads. 0 if unknown. */
    int physicalCores() {
        Set<String> siblings = new HashSet<>();
        for (int cpu = 0; ; cpu++) {
            try {
                siblings.add(Files.readString(
                        root.resolve("sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings")));
            } catch (IOException e) {
                return siblings.size();
            }
        }
    }

    /** A good number of computing threads: the physical cores, or fewer where this process may not use them all. */
    int defaultThreads() {
        int usable = Runtime.getRuntime().availableProcessors();
        int cores = physicalCores();
        return cores == 0 ? usable : Math.min(cores, usable);
    }

    /** Memory in bytes; 0 if unknown. */
    long memoryBytes() {
        try (var lines = Files.lines(root.resolve("proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(kib -> Long.parseLong(kib) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
