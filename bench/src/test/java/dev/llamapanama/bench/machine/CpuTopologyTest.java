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

    @Test
    void knowsNothingWithoutThoseFiles() {
        CpuTopology topology = new CpuTopology(root);

        assertThat(topology.model()).isEqualTo("CPU");
        assertThat(topology.memoryBytes()).isZero();
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }
}
