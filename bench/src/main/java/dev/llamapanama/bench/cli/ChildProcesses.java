package dev.llamapanama.bench.cli;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Processes that must not go on when this JVM is stopped. */
public final class ChildProcesses {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroy)));
    }

    private ChildProcesses() {}

    /** Ends a process when this JVM ends, if it has not ended by then. */
    public static void endWithThisJvm(Process process) {
        RUNNING.add(process);
        var _ = process.onExit().thenRun(() -> RUNNING.remove(process));
    }
}
