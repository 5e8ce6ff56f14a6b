package dev.llamapanama.bench.html;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.AtomicFile;
import dev.llamapanama.bench.history.History;
import dev.llamapanama.bench.report.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code report}: a page of results that were measured before. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a page with plots from result files and from the history.",
            "The page is one file, which opens without a network."
        })
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--in",
            split = ",",
            paramLabel = "FILE",
            description =
                    "Results, json or jsonl, of throughput, streams, latency, startup, compare, variants and limits, and of"
                            + " llama-bench and llama-batched-bench; several with commas, each with a colour of its own"
                            + " (default: none).")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--history",
            paramLabel = "DIR",
            description = "Also plot the history in this folder, such as bench/history (default: none).")
    private Optional<Path> history = Optional.empty();

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The page to write (HTML).")
    private Path out;

    @Override
    public Integer call() throws IOException {
        check();
        List<ResultFile> results = new ArrayList<>();
        for (Path file : files) {
            results.add(ResultFile.require(spec, file));
        }
        History past = history.isPresent() ? History.read(history.get()) : new History(List.of(), List.of());
        AtomicFile.write(out, HtmlReport.of(results, past.entries(), past.notes()));
        return 0;
    }

    private void check() {
        if (files.isEmpty() && history.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Nothing to show: give --in or --history");
        }
        history.filter(folder -> !Files.isDirectory(folder)).ifPresent(folder -> {
            throw new ParameterException(spec.commandLine(), "No folder at " + folder + " (--history)");
        });
        Arguments.requireWritable(spec, out);
    }
}
