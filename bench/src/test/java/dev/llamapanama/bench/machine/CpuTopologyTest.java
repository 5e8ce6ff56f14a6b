package dev.llamapanama.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTopologyTest {
    @TempDir
    private Path root;

    @Test
    void readsNameAndMemory() throws IOException {
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC 9454P\n\nmodel name\t: other\n");
        write("proc/meminfo", "MemTotal:       24580000 kB\nMemFree:  1 kB\n");
        CpuTopology topology = new CpuTopology(root);

        assertThat(topology.model()).isEqualTo("AMD EPYC 9454P");
        assertThat(topology.memoryBytes()).isEqualTo(24580000L * 1024);
    }

    /** Two chips of two CPUs each, with a third-level cache for each chip. */
    @Test
    void addsTheLastLevelCaches() throws IOException {
        for (int cpu = 0; cpu < 4; cpu++) {
            String caches = "sys/devices/system/cpu/cpu" + cpu + "/cache/";
            writeCache(caches + "index0", 1, "32K", String.valueOf(cpu));
            writeCache(caches + "index1", 2, "1024K", String.valueOf(cpu));
            writeCache(caches + "index2", 3, "32768K", cpu < 2 ? "0-1" : "2-3");
        }

        assertThat(new CpuTopology(root).lastLevelCacheBytes()).isEqualTo(64 << 20);
    }

    private void writeCache(String folder, int level, String size, String cpus) throws IOException {
        write(folder + "/level", level + "\n");
        write(folder + "/size", size + "\n");
        write(folder + "/shared_cpu_list", cpus + "\n");
    }

    @Test
    void knowsNothingWithoutThoseFiles() {
        CpuTopology topology = new CpuTopology(root);

        assertThat(topology.lastLevelCacheBytes()).isZero();

        assertThat(topology.model()).isEqualTo("CPU");
        assertThat(topology.memoryBytes()).isZero();
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }
}
