package dev.llamapanama.engine.internal;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What this machine, or the container that the JVM runs in, has. */
public final class MemoryBudget {
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");
    private static final long KIB = 1024;

    private MemoryBudget() {}

    /** All memory, in bytes; the kernel ends a process that takes more. */
    public static long totalBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /**
     * Memory that is free or that the kernel can free by dropping cached files, in bytes: the least of the machine's
     * ({@code MemAvailable}) and of what each control group above this process leaves.
     */
    public static long availableBytes() {
        return availableBytes(Path.of("/"));
    }

    static long availableBytes(Path root) {
        Matcher available = AVAILABLE.matcher(read(root.resolve("proc/meminfo")));
        long machine = available.find() ? Long.parseLong(available.group(1)) * KIB : totalBytes();
        return Math.min(machine, controlGroups(root));
    }

    private static long controlGroups(Path root) {
        long available = Long.MAX_VALUE;
        for (String line : read(root.resolve("proc/self/cgroup")).split("\n", -1)) {
            String[] fields = line.split(":", 3); // hierarchy:controllers:path
            if (fields.length < 3) {
                continue;
            }
            Path path = Path.of(fields[2]);
            if (fields[1].isEmpty()) {
                available = Math.min(available, upwards(root.resolve("sys/fs/cgroup"), path, "memory.max", "anon"));
            } else if (Arrays.asList(fields[1].split(",")).contains("memory")) {
                Path mount = root.resolve("sys/fs/cgroup/memory");
                available = Math.min(available, upwards(mount, path, "memory.limit_in_bytes", "total_rss"));
            }
        }
        return available;
    }

    /** A container may see its group as the root, under a path that is not there: then the root alone counts. */
    private static long upwards(Path mount, Path path, String limitFile, String used) {
        long available = Long.MAX_VALUE;
        for (@Nullable Path group = path; group != null; group = group.getParent()) {
            Path folder = mount.resolve(Path.of("/").relativize(group));
            OptionalLong limit = number(read(folder.resolve(limitFile)));
            OptionalLong taken = number(field(read(folder.resolve("memory.stat")), used));
            if (limit.isPresent() && taken.isPresent()) {
                available = Math.min(available, Math.max(0, limit.getAsLong() - taken.getAsLong()));
            }
        }
        return available;
    }

    private static String field(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** Absent where there is none, or {@code max}. */
    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // not Linux, or not such a control group
        }
    }
}
