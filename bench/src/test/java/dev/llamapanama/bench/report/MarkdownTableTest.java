package dev.llamapanama.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkdownTableTest {
    @Test
    void padsColumns() {
        MarkdownTable table = new MarkdownTable().text("test").number("tok/s");
        table.row("pp512", "250.12 ± 0.31");
        table.row("tg128", "49.07 ± 0.02");

        assertThat(table).hasToString("""
                | test  |         tok/s |
                | ----- | ------------: |
                | pp512 | 250.12 ± 0.31 |
                | tg128 |  49.07 ± 0.02 |
                """);
    }
}
