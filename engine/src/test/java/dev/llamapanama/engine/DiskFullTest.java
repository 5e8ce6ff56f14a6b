package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a state does not fit on the disk, the old file stays as it was, nothing else is left, and the context goes on. */
class DiskFullTest {
    private static final String OLD = "the old state";
    private static final int LIMIT_KIB = 16; // a state of the test has some 50 KiB
    private static final long STATE_MIN_BYTES = 2L * 1024 * LIMIT_KIB;

    @TempDir
    private Path folder;

    private Path states;
    private Path file;

    @BeforeEach
    void writeOldFile() throws IOException {
        Backend.load(); // unpacks the libraries, where they are in a jar
        states = Files.createDirectory(folder.resolve("states"));
        file = Files.writeString(states.resolve("state"), OLD);
    }

    @Test
    void withRoomTheFileIsReplaced() throws Exception {
        assertThat(save(List.of())).containsExactly(SaveStateChild.SAVED, SaveStateChild.STILL_WORKS);
        assertThat(Files.size(file)).isGreaterThan(STATE_MIN_BYTES);
    }

    /** A limit on file sizes stands for the full disk, because any user may set one. */
    @Test
    void atALimitOfTheFileSizeTheOldFileStays() throws Exception {
        List<String> lines = save(List.of("bash", "-c", "ulimit -f " + LIMIT_KIB + "; exec \"$@\"", "bash"));
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .startsWith(SaveStateChild.REFUSED)
                .contains("cannot be written to " + file, "the file is as it was before", "File too large");
        assertThat(lines.get(1)).isEqualTo(SaveStateChild.STILL_WORKS);
        assertThat(file).hasContent(OLD);
        assertThat(states.toFile().list()).containsExactly("state");
    }

    @Test
    void onAFullFileSystemTheOldFileStays() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        int mounted = run(List.of("mount", "-t", "tmpfs", "-o", "size=" + LIMIT_KIB + "k", "tmpfs", small.toString()));
        assumeTrue(mounted == 0, "only root may mount a small file system; the other tests use a limit instead");
        try {
            file = Files.writeString(small.resolve("state"), OLD);
            List<String> lines = save(List.of());
            assertThat(lines).hasSize(2);
            assertThat(lines.get(0)).contains("cannot be written to " + file, "No space left on device");
            assertThat(lines.get(1)).isEqualTo(SaveStateChild.STILL_WORKS);
            assertThat(file).hasContent(OLD);
            assertThat(small.toFile().list()).containsExactly("state");
        } finally {
            assertThat(run(List.of("umount", small.toString()))).isZero();
        }
    }

    private List<String> save(List<String> prefix) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        // the JVM's own file of counters would be beyond the limit too
        command.addAll(ChildJvm.command(
                List.of("-XX:-UsePerfData"),
                SaveStateChild.class,
                List.of(Models.llama().toAbsolutePath().toString(), file.toString())));
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readAllLines(output);
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
