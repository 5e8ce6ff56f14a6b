package dev.llamapanama.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about the machine. */
public final class CpuTopology {
    private final Path root;

    /**
     * @param root the folder that holds {@code proc} and {@code sys}
     */
    public CpuTopology(Path root) {
        this.root = root;
    }

    public static CpuTopology ofThisMachine() {
        return new CpuTopology(Path.of("/"));
    }

    /** The processor's name, as ggml and llama-bench give it. */
    public String model() {
        try (var lines = Files.lines(root.resolve("proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("CPU");
        } catch (IOException e) {
            return "CPU";
        }
    }

    /** Memory in bytes; 0 if unknown. */
    public long memoryBytes() {
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
