package dev.llamapanama.bench.history;

import dev.llamapanama.bench.report.MarkdownTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code history}: prints the figures of former runs. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Prints the figures of former runs as a table; 'history add' adds a run to them.",
        footer = {"", "'report --history DIR' plots them."},
        subcommands = HistoryAddCommand.class)
public final class HistoryCommand implements Callable<Integer> {
    static final String DEFAULT_FOLDER = "bench/history";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--history",
            defaultValue = DEFAULT_FOLDER,
            paramLabel = "DIR",
            description = "Folder with a file for each machine (default: ${DEFAULT-VALUE}).")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        History history = History.read(folder);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        history.notes().forEach(err::println);
        if (history.entries().isEmpty()) {
            err.println("No history in " + folder);
            return 0;
        }
        out.print(table(history));
        out.flush();
        return 0;
    }

    private static String table(History history) {
        MarkdownTable table = new MarkdownTable()
                .text("date")
                .text("label")
                .text("commit")
                .text("machine")
                .text("what")
                .text("test")
                .number("value")
                .text("unit");
        for (HistoryEntry entry : history.entries()) {
            String machine = entry.machine() == null ? "" : entry.machine().cpu();
            for (Figure figure : entry.figures()) {
                table.row(
                        entry.date(),
                        entry.label(),
                        entry.commit(),
                        machine,
                        figure.kind(),
                        figure.name(),
                        MarkdownTable.number(figure.value(), figure.unit().equals("ratio") ? 3 : 2),
                        figure.unit());
            }
        }
        return table.toString();
    }
}
