package dev.llamapanama.bench.machine;

import dev.llamapanama.engine.Backend;
import java.nio.file.Path;
import java.util.List;

/**
 * What a measurement ran on.
 *
 * @param cpu name of the processor
 * @param physicalCores cores that this process may use
 * @param logicalCores hardware threads that this process may use
 * @param memoryBytes memory; 0 if unknown
 * @param features instruction sets that the CPU library uses
 * @param llamaCppVersion release of llama.cpp
 * @param cpuLibrary llama.cpp's CPU library in use: the file's name tells the variant
 * @param profile how the native libraries were built: {@code host} or {@code portable}
 * @param openMp whether llama.cpp's threads are OpenMP's
 * @param jvm version and name of the JVM
 */
public record Machine(
        String cpu,
        int physicalCores,
        int logicalCores,
        long memoryBytes,
        List<String> features,
        String llamaCppVersion,
        String cpuLibrary,
        String profile,
        boolean openMp,
        String jvm) {

    public static Machine of(Backend backend) {
        CpuTopology cpu = CpuTopology.ofThisMachine();
        return new Machine(
                cpu.model(),
                Backend.defaultThreads(),
                Runtime.getRuntime().availableProcessors(),
                cpu.memoryBytes(),
                backend.features(),
                backend.llamaCppVersion(),
                String.valueOf(Path.of(backend.cpuLibrary()).getFileName()),
                backend.profile(),
                backend.openMp(),
                System.getProperty("java.vm.version") + ", " + System.getProperty("java.vm.name"));
    }
}
