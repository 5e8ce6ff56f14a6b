package dev.llamapanama.bench.compare.jni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerLogTest {
    @Test
    void readsTheTokensOfARequest() throws InterruptedException {
        PeerLog log = new PeerLog();

        log.line("slot update_slots: id  0 | task 0 | kv cache rm [0, end)\n");
        log.line("""
                slot print_timing: id  0 | task 11 |\s
                prompt eval time =    2689.03 ms /   100 tokens (   26.89 ms per token,    37.19 tokens per second)
                       eval time =     856.08 ms /     9 tokens (   95.12 ms per token,    10.51 tokens per second)
                      total time =    3545.11 ms /   109 tokens
                """);

        assertThat(log.next()).isEqualTo(new PeerLog.Tokens(100, 9));
    }
}
