package dev.llamapanama.bench.limits;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.MultiplyFormat;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code limits}: what the machine can do at most. */
@Command(
        name = "limits",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how fast this machine reads memory and multiplies, by number of threads.",
            "Generation is bound by the first, prompt processing by the second."
        })
public final class LimitsCommand implements Callable<Integer> {
    private static final double MAX_SECONDS = 60;

    private static final int MAX_THREADS = 512; // GGML_MAX_N_THREADS

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-t", "--threads"},
            converter = IntegerList.Converter.class,
            paramLabel = "N",
            description =
                    "Threads that work at the same time; a list or range (default: 1, 2, 4, ... and the physical cores).")
    private Optional<IntegerList> threads = Optional.empty();

    @Option(
            names = "--duration",
            defaultValue = "0.3",
            paramLabel = "SECONDS",
            description = "Seconds that each measurement takes, at most 60 (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Integer> counts = threads.map(IntegerList::values).orElseGet(LimitsCommand::defaultThreads);
        Arguments.require(
                spec,
                counts.stream().allMatch(n -> n >= 1 && n <= MAX_THREADS),
                "--threads must be 1 to " + MAX_THREADS);
        Arguments.require(
                spec, seconds > 0 && seconds <= MAX_SECONDS, "--duration must be above 0 and at most 60 seconds");
        String start = LlamaBenchNames.testTime(Instant.now());
        Set<MultiplyFormat> formats = EnumSet.allOf(MultiplyFormat.class);
        Ceilings ceilings;
        try (Progress progress = output.progress("limits", Ceilings.points(counts, formats))) {
            ceilings = Ceilings.measure(counts, formats, Duration.ofNanos((long) (seconds * 1e9)), progress);
        }
        Machine machine = Machine.of(Backend.load());
        List<LimitsResult> results = ceilings.rows().stream()
                .map(row -> new LimitsResult(row, start, machine, CommandText.of(spec)))
                .toList();
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> Report.jsonl(results);
                    case CSV -> Report.csv(results);
                    case MD -> MarkdownHead.machine(machine) + table(ceilings.rows());
                });
        return 0;
    }

    private static List<Integer> defaultThreads() {
        int cores = Backend.defaultThreads();
        return IntStream.concat(IntStream.iterate(1, n -> n < cores, n -> 2 * n), IntStream.of(cores))
                .boxed()
                .toList();
    }

    private static String table(List<Ceiling> rows) {
        List<String> limits = rows.stream().map(Ceiling::limit).distinct().toList();
        MarkdownTable table = new MarkdownTable().number("threads");
        limits.forEach(limit -> table.number(limit + (limit.equals(Ceiling.MEMORY_READ) ? " GB/s" : " Gop/s")));
        for (int threads : rows.stream().map(Ceiling::threads).distinct().toList()) {
            List<String> cells = new ArrayList<>(List.of(String.valueOf(threads)));
            for (String limit : limits) {
                cells.add(rows.stream()
                        .filter(row -> row.threads() == threads && row.limit().equals(limit))
                        .map(LimitsCommand::cell)
                        .findFirst()
                        .orElse(""));
            }
            table.row(cells.toArray(String[]::new));
        }
        StringBuilder text = new StringBuilder();
        rows.stream()
                .filter(row -> !row.limit().equals(Ceiling.MEMORY_READ))
                .map(row -> "- " + row.limit() + ": "
                        + (row.instruction() == null ? "not supported on this CPU" : row.instruction()) + "\n")
                .distinct()
                .forEach(text::append);
        return text + "\n" + table + """

                The best pass, and the median of all in brackets; all threads together. GB is 10^9 bytes; a multiplication
                with its addition is two operations, in registers. Memory is read from begin to end, each thread a part.
                """;
    }

    private static String cell(Ceiling row) {
        Double best = row.best();
        Double median = row.median();
        return best == null || median == null
                ? "-"
                : MarkdownTable.number(best / 1e9, 1) + " (" + MarkdownTable.number(median / 1e9, 1) + ")";
    }
}
