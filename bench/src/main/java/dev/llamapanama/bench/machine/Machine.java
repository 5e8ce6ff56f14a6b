package dev.llamapanama.bench.machine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.KernelStatus;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a measurement ran on; part of results, so that files of several machines and commits can be told apart.
 *
 * @param cpu name of the processor
 * @param physicalCores cores that this process may use
 * @param logicalCores hardware threads that this process may use
 * @param memoryBytes memory; 0 if unknown
 * @param features instruction sets that the CPU library uses
 * @param llamaCppVersion release of llama.cpp
 * @param llamaCppTree git tree of llama.cpp's source
 * @param cpuLibrary llama.cpp's CPU library in use: the file's name tells the variant
 * @param profile how the native libraries were built: {@code host} or {@code portable}
 * @param openMp whether llama.cpp's threads are OpenMP's
 * @param jvm version and name of the JVM
 * @param kernels our own matrix kernels, or why they are not active; null in results from before there were any
 * @param commit git revision of llamapanama from which bench was built; see {@link Commit}
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Machine(
        String cpu,
        int physicalCores,
        int logicalCores,
        long memoryBytes,
        List<String> features,
        String llamaCppVersion,
        String llamaCppTree,
        String cpuLibrary,
        String profile,
        boolean openMp,
        String jvm,
        @Nullable String kernels,
        String commit) {

    public static Machine of(Backend backend) {
        CpuTopology cpu = CpuTopology.ofThisMachine();
        return new Machine(
                cpu.model(),
                Backend.defaultThreads(),
                Runtime.getRuntime().availableProcessors(),
                cpu.memoryBytes(),
                backend.features(),
                backend.llamaCppVersion(),
                backend.llamaCppTree(),
                String.valueOf(Path.of(backend.cpuLibrary()).getFileName()),
                backend.profile(),
                backend.openMp(),
                System.getProperty("java.vm.version") + ", " + System.getProperty("java.vm.name"),
                kernels(backend.kernels()),
                Commit.ofThisBuild());
    }

    private static String kernels(KernelStatus status) {
        return status.active() ? status.description() : "off: " + status.description();
    }
}
