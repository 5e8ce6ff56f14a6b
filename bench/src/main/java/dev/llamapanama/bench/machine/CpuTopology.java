package dev.llamapanama.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

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

    /** Bytes of all last-level caches together; 0 if unknown. */
    public long lastLevelCacheBytes() {
        int lastLevel = 0;
        Map<String, Long> caches = new HashMap<>(); // bytes, by the CPUs that share one
        for (int cpu = 0; Files.isDirectory(cpuFolder(cpu)); cpu++) {
            for (int index = 0; ; index++) {
                Path cache = cpuFolder(cpu).resolve("cache/index" + index);
                int level = (int) number(cache.resolve("level"));
                if (level == 0) {
                    break;
                }
                if (level > lastLevel) {
                    lastLevel = level;
                    caches.clear();
                }
                if (level == lastLevel) {
                    caches.put(text(cache.resolve("shared_cpu_list")), 1024 * number(cache.resolve("size")));
                }
            }
        }
        return caches.values().stream().mapToLong(Long::longValue).sum();
    }

    private Path cpuFolder(int cpu) {
        return root.resolve("sys/devices/system/cpu/cpu" + cpu);
    }

    /** The digits of a file such as "32768K"; 0 if it has none. */
    private static long number(Path file) {
        String digits = text(file).replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
