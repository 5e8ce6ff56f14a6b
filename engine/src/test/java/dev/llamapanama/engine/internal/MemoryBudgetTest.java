package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBudgetTest {
    @TempDir
    private Path root;

    @BeforeEach
    void machineOf8GiB() throws IOException {
        write(
                "proc/meminfo",
                "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n");
    }

    @Test
    void withoutControlGroupsTheMachineCounts() {
        assertThat(MemoryBudget.availableBytes(root)).isEqualTo(8L << 30);
    }

    @Test
    void aLimitOfVersion2CountsWithoutWhatIsTaken() throws IOException {
        write("proc/self/cgroup", "0::/system.slice/app.service\n");
        write("sys/fs/cgroup/system.slice/memory.max", "max\n");
        write("sys/fs/cgroup/system.slice/memory.stat", "anon 5\n");
        write("sys/fs/cgroup/system.slice/app.service/memory.max", (4L << 30) + "\n");
        write("sys/fs/cgroup/system.slice/app.service/memory.stat", "anon " + (1L << 30) + "\nfile 123456\n");

        assertThat(MemoryBudget.availableBytes(root)).isEqualTo(3L << 30);
    }

    @Test
    void theGroupAboveMayBeTheNarrowerOne() throws IOException {
        write("proc/self/cgroup", "0::/outer/inner\n");
        write("sys/fs/cgroup/outer/memory.max", (2L << 30) + "\n");
        write("sys/fs/cgroup/outer/memory.stat", "anon 0\n");
        write("sys/fs/cgroup/outer/inner/memory.max", (4L << 30) + "\n");
        write("sys/fs/cgroup/outer/inner/memory.stat", "anon 0\n");

        assertThat(MemoryBudget.availableBytes(root)).isEqualTo(2L << 30);
    }

    @Test
    void aContainerOfVersion1SeesItsGroupAsTheRoot() throws IOException {
        write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", (1L << 30) + "\n");
        write("sys/fs/cgroup/memory/memory.stat", "rss 7\ntotal_rss " + (3L << 29) + "\n");

        assertThat(MemoryBudget.availableBytes(root)).isZero(); // more is taken than allowed: nothing is left
    }

    @Test
    void thisMachineHasSome() {
        assertThat(MemoryBudget.availableBytes()).isPositive().isLessThanOrEqualTo(MemoryBudget.totalBytes());
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
