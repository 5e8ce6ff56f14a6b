package dev.llamapanama.bench.compare.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerLogTest {
    @TempDir
    private Path folder;

    @Test
    void readsTheTokensOfEachRequest() throws IOException, InterruptedException {
        Path file = folder.resolve("log");
        PeerLog log = new PeerLog(file);
        String first = """
                slot update_slots: id  0 | task 0 | kv cache rm [0, end)
                slot print_timing: id  0 | task 11 |\s
                prompt eval time =    2689.03 ms /   100 tokens (   26.89 ms per token,    37.19 tokens per second)
                       eval time =     856.08 ms /     9 tokens (   95.12 ms per token,    10.51 tokens per second)
                      total time =    3545.11 ms /   109 tokens
                """;
        Files.writeString(file, first);

        assertThat(log.next()).isEqualTo(new PeerLog.Tokens(100, 9));
        Files.writeString(file, first + first.replace(" 9 tokens", " 7 tokens"));
        assertThat(log.next()).isEqualTo(new PeerLog.Tokens(100, 7));
    }
}
