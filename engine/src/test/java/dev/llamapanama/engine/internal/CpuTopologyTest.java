package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTopologyTest {
    @TempDir
    Path cpus;

    @Test
    void threadsOfOneCoreCountOnce() throws IOException {
        String[] siblings = {"05", "0a", "05", "0a"};
        for (int i = 0; i < siblings.length; i++) {
            Path topology = Files.createDirectories(cpus.resolve("cpu" + i + "/topology"));
            Files.writeString(topology.resolve("thread_siblings"), siblings[i] + "\n");
        }
        assertThat(CpuTopology.siblings(cpus)).isEqualTo(2);
    }

    @Test
    void withoutThatFileSystemItIsAGuess() {
        assertThat(CpuTopology.siblings(cpus)).isPositive();
        assertThat(CpuTopology.physicalCores())
                .isBetween(1, Runtime.getRuntime().availableProcessors());
    }
}
