package dev.llamapanama.engine.internal;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this machine, or the container that the JVM runs in, has. */
public final class MemoryBudget {
    private MemoryBudget() {}

    /** All memory, in bytes; the kernel ends a process that takes more. */
    public static long totalBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }
}
