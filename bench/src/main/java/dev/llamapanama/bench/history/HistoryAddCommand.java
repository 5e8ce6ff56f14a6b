package dev.llamapanama.bench.history;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.machine.Commit;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.ResultRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code history add}: one run becomes one line. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Adds a run to the history: one line with the medians of all rows, in the file of the machine.",
            "The result files must be of one build on one machine. Rows of other tools, such as llama-bench, are left out."
        })
final class HistoryAddCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--in",
            split = ",",
            required = true,
            paramLabel = "FILE",
            description = "Results of the run, json or jsonl, of throughput, streams and compare; several with commas.")
    private List<Path> files;

    @Option(
            names = "--label",
            required = true,
            paramLabel = "TEXT",
            description = "What the run is for, such as a release's number.")
    private String label;

    @Option(
            names = "--history",
            defaultValue = HistoryCommand.DEFAULT_FOLDER,
            paramLabel = "DIR",
            description = "Folder with a file for each machine (default: ${DEFAULT-VALUE}).")
    private Path folder;

    @Option(
            names = "--allow-unclean",
            description =
                    "Take results of a build that no commit can make again: with changes in the work tree, or without git"
                            + " (default: they are refused).")
    private boolean allowUnclean;

    @Override
    public Integer call() throws IOException {
        Arguments.require(spec, !label.isBlank(), "--label is empty");
        HistoryEntry entry = entry();
        Path file = History.append(folder, entry);
        spec.commandLine()
                .getErr()
                .printf("%d figures of %s added to %s%n", entry.figures().size(), entry.commit(), file);
        return 0;
    }

    private HistoryEntry entry() {
        List<ResultRow> rows = new ArrayList<>();
        for (Path file : files) {
            ResultFile results = ResultFile.require(spec, file);
            results.notes().forEach(spec.commandLine().getErr()::println);
            results.rows().stream()
                    .filter(row -> row.ofEngine() && !Figure.of(row).isEmpty())
                    .forEach(rows::add);
        }
        Arguments.require(
                spec,
                !rows.isEmpty(),
                "There are no results of the engine in these files that the history keeps: those of throughput, streams and"
                        + " compare");
        List<Machine> machines = rows.stream()
                .map(ResultRow::machine)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        Arguments.require(spec, !machines.isEmpty(), "No row says what it was measured on; those of throughput do");
        Arguments.require(
                spec, machines.size() == 1, "The files are of several machines or builds; add each by itself");
        Machine machine = machines.getFirst();
        Arguments.require(
                spec,
                allowUnclean || Commit.isClean(machine.commit()),
                "The results are of the commit '" + machine.commit()
                        + "', which cannot be made again; commit, build and measure once more, or give --allow-unclean");
        return HistoryEntry.of(label.strip(), machine, rows);
    }
}
