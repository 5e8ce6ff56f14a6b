package dev.llamapanama.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.report.Rows;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final List<String> calls = new ArrayList<>();

    /** Answers without measuring: the n-th call of all, for each speed. */
    private final class Fake implements Contender {
        private final String name;
        private final boolean supports;

        Fake(String name, boolean supports) {
            this.name = name;
            this.supports = supports;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String description() {
            return "a fake";
        }

        @Override
        public boolean supports(CompareTest test) {
            return supports;
        }

        @Override
        public Measured measure(Workload workload) {
            calls.add(name);
            double speed = calls.size();
            return new Measured(
                    workload.test().parallel() ? List.of(speed, 10 * speed) : List.of(speed),
                    name.equals("A") ? Rows.machine("0123") : null);
        }
    }

    @Test
    void pairsAreInterleaved() throws IOException, InterruptedException {
        List<Comparison> rows = rounds(3, new Fake("B", true)).measure(workload("tg64@d512"), Progress.none());

        assertThat(calls).containsExactly("A", "B", "B", "A", "A", "B");
        assertThat(rows).hasSize(1);
        Comparison row = rows.getFirst();
        assertThat(row.test()).isEqualTo("tg64 @ d512");
        assertThat(row.peer()).isEqualTo("B");
        assertThat(row.first()).containsExactly("A", "B", "A");
        assertThat(row.engineTs()).containsExactly(1.0, 4.0, 5.0);
        assertThat(row.peerTs()).containsExactly(2.0, 3.0, 6.0);
        assertThat(row.ratios()).containsExactly(1 / 2.0, 4 / 3.0, 5 / 6.0);
        assertThat(row.medianRatio()).isEqualTo(5 / 6.0);
        assertThat(row.leastRatio()).isEqualTo(1 / 2.0);
        assertThat(row.mostRatio()).isEqualTo(4 / 3.0);
        assertThat(row.ratioLow()).isNull(); // 3 pairs say nothing at 95 %
        assertThat(row.confidence()).isNull();
        assertThat(row.machine()).isEqualTo(Rows.machine("0123"));
        assertThat(row.command()).isEqualTo("llamapanama compare");
    }

    @Test
    void sixPairsGiveAnInterval() throws IOException, InterruptedException {
        Comparison row = rounds(6, new Fake("B", true))
                .measure(workload("pp1"), Progress.none())
                .getFirst();

        assertThat(row.ratioLow()).isEqualTo(row.leastRatio());
        assertThat(row.ratioHigh()).isEqualTo(row.mostRatio());
        assertThat(row.confidence()).isEqualTo(1 - 2 / 64.0);
    }

    @Test
    void eachPeerAndEachSpeedHasARow() throws IOException, InterruptedException {
        List<Comparison> rows = rounds(2, new Fake("B", true), new Fake("no", false), new Fake("C", true))
                .measure(workload("pp128+tg64x8"), Progress.none());

        assertThat(calls).containsExactly("A", "B", "C", "C", "B", "A");
        assertThat(rows)
                .extracting(row -> row.peer() + " " + row.test())
                .containsExactly(
                        "B pp128+tg64x8 prompt",
                        "B pp128+tg64x8 generation",
                        "C pp128+tg64x8 prompt",
                        "C pp128+tg64x8 generation");
        assertThat(rows.get(3).engineTs()).containsExactly(10.0, 60.0);
        assertThat(rows.get(3).peerTs()).containsExactly(30.0, 40.0);
    }

    private Rounds rounds(int count, Contender... peers) {
        return new Rounds(new Fake("A", true), List.of(peers), count, "llamapanama compare");
    }

    private static Workload workload(String test) {
        return new Workload(
                Path.of("m.gguf"), CompareTest.parse(test), 2, 2048, 512, KvType.F16, FlashAttention.AUTO, 1);
    }
}
