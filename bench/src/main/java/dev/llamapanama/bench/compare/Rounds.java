package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.LlamaBenchNames;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Measures programs in turn, in the order A B C, C B A, A B C, …: what changes on the machine meanwhile then meets all of
 * them alike.
 *
 * @param engine the one that is compared
 * @param peers those that it is compared with
 * @param count rounds
 * @param command the arguments that made the rows, as one would type them
 */
record Rounds(Contender engine, List<Contender> peers, int count, String command) {
    /** Copies the list. */
    Rounds {
        peers = List.copyOf(peers);
    }

    /**
     * Measures.
     *
     * @return a row for each speed and each peer that has the test
     * @throws IOException if one of the programs fails
     */
    List<Comparison> measure(Workload workload, Progress progress) throws IOException, InterruptedException {
        String start = LlamaBenchNames.testTime(Instant.now());
        List<Contender> contenders = new ArrayList<>(List.of(engine));
        peers.stream().filter(peer -> peer.supports(workload.test())).forEach(contenders::add);
        List<Runs> runs = contenders.stream().map(Runs::new).toList();
        for (int round = 0; round < count; round++) {
            progress.part(
                    workload.test().toString(),
                    " of %s, round %d of %d".formatted(workload.model().getFileName(), round + 1, count));
            for (Runs one : round % 2 == 0 ? runs : runs.reversed()) {
                one.measured.add(one.contender.measure(workload));
            }
            progress.advance(1);
        }
        List<Comparison> rows = new ArrayList<>();
        List<String> names = workload.test().speeds();
        Runs engineRuns = runs.getFirst();
        Comparison.Origin origin = new Comparison.Origin(engineRuns.machine(), command);
        for (Runs peer : runs.subList(1, runs.size())) {
            for (int i = 0; i < names.size(); i++) {
                rows.add(Comparison.of(
                        origin,
                        workload,
                        names.get(i),
                        engine,
                        peer.contender,
                        start,
                        firsts(peer.contender),
                        engineRuns.speed(i),
                        peer.speed(i)));
            }
        }
        return rows;
    }

    private List<String> firsts(Contender peer) {
        List<String> names = new ArrayList<>();
        for (int round = 0; round < count; round++) {
            names.add((round % 2 == 0 ? engine : peer).name());
        }
        return names;
    }

    /** What one program measured in each round. */
    private record Runs(Contender contender, List<Measured> measured) {
        Runs(Contender contender) {
            this(contender, new ArrayList<>());
        }

        List<Double> speed(int index) {
            return measured.stream().map(round -> round.speeds().get(index)).toList();
        }

        /** As the program itself says: its settings, such as those of the kernels, need not be this JVM's. */
        Machine machine() {
            return Objects.requireNonNull(measured.getFirst().machine(), "the engine says what it ran on");
        }
    }
}
