package dev.llamapanama.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CommandTextTest {
    @Test
    void quotesWhatAShellWouldRead() {
        assertThat(CommandText.of(List.of("throughput", "--model", "/a/b-1.gguf,c.gguf", "", "it's", "$(x)", "1-16*2")))
                .isEqualTo("llamapanama throughput --model /a/b-1.gguf,c.gguf '' 'it'\\''s' '$(x)' '1-16*2'");
    }
}
