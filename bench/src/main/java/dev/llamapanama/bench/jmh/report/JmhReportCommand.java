package dev.llamapanama.bench.jmh.report;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.report.MarkdownTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jmh-report}: JMH's results as a table, checked against what may be allocated. */
@Command(
        name = "jmh-report",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Prints JMH's results as a table, and fails if a benchmark allocates more than the baseline allows.",
            "It fails too if a benchmark is not in the baseline or was not measured, or if a call into llama.cpp costs too much"
                    + " beside an empty one. Times are only shown."
        })
public final class JmhReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-i", "--in"},
            required = true,
            paramLabel = "FILE",
            description =
                    "What JMH wrote: bench/target/jmh-result.json, or a run of bench/target/benchmarks.jar with the profilers gc"
                            + " and OperationsProfiler and -rf json.")
    private Path in;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description =
                    "What may be allocated, in bytes per operation, such as bench/jmh/allocation.json (default: nothing is checked).")
    private Optional<Path> baseline = Optional.empty();

    @Option(
            names = "--renew",
            description =
                    "Write the baseline anew from these results; its tolerances stay (default:" + " check against it).")
    private boolean renew;

    @Override
    public Integer call() throws IOException {
        Arguments.require(spec, !renew || baseline.isPresent(), "--renew needs the --baseline to write");
        List<JmhResult> results = read(in, JmhResult::parse);
        PrintWriter out = spec.commandLine().getOut();
        if (renew) {
            Path file = baseline.orElseThrow();
            AllocationBaseline old = Files.exists(file)
                    ? read(file, AllocationBaseline::parse)
                    : new AllocationBaseline(new TreeMap<>());
            old.renewed(results).write(file);
            out.println("Wrote " + file);
            return ExitCode.OK;
        }
        Optional<AllocationBaseline> allowed =
                baseline.isPresent() ? Optional.of(read(baseline.get(), AllocationBaseline::parse)) : Optional.empty();
        Optional<SeamOverhead> seam = SeamOverhead.of(results);
        out.println(table(results, allowed));
        seam.ifPresent(out::println);
        out.flush();
        List<String> complaints = new ArrayList<>();
        allowed.ifPresent(base -> complaints.addAll(base.complaints(results)));
        if (allowed.isPresent() && seam.filter(SeamOverhead::tooMuch).isPresent()) {
            complaints.add("the seam overhead is above its limit");
        }
        return complaints.isEmpty() ? ExitCode.OK : failed(complaints);
    }

    private interface Parser<T> {
        T parse(Path file, String text) throws IOException;
    }

    /** What is in a file; a file of something else is a wrong argument. */
    private <T> T read(Path file, Parser<T> parser) {
        String text = Arguments.requireText(spec, file);
        try {
            return parser.parse(file, text);
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "), e);
        }
    }

    private int failed(List<String> complaints) {
        PrintWriter err = spec.commandLine().getErr();
        complaints.forEach(err::println);
        err.println("If that is meant to be: jmh-report --in " + in + " --baseline " + baseline.orElseThrow()
                + " --renew, and commit the file with the reason; see docs/jmh.md");
        return ExitCode.SOFTWARE;
    }

    private static String table(List<JmhResult> results, Optional<AllocationBaseline> baseline) {
        MarkdownTable table = new MarkdownTable()
                .text("benchmark")
                .number("score")
                .number("±")
                .text("unit")
                .number("B/op")
                .number("allowed");
        Allocation allocation = Allocation.of(results);
        for (JmhResult result : results) {
            JmhResult.Metric metric = result.primaryMetric();
            OptionalDouble bytes = allocation.bytesPerOperation(result);
            table.row(
                    result.name(),
                    significant(metric.score()),
                    Double.isNaN(metric.scoreError()) ? "" : significant(metric.scoreError()),
                    metric.scoreUnit(),
                    bytes.isPresent() ? MarkdownTable.number(bytes.getAsDouble(), 2) : "",
                    baseline.map(base -> base.allowances().get(result.name()))
                            .map(allowance -> MarkdownTable.number(allowance.most(), 2))
                            .orElse(""));
        }
        return table
                + String.format(
                        Locale.ROOT,
                        "%n± is half of the 99.9 %% confidence interval. B/op is of the iteration with the fewest, without the %.0f%n"
                                + "bytes that JMH itself allocates in one (DecodeLoopBenchmark.nothing).%n",
                        allocation.jmhBytes());
    }

    /** About four digits. */
    private static String significant(double value) {
        return MarkdownTable.number(value, Math.abs(value) < 10 ? 3 : Math.abs(value) < 1000 ? 1 : 0);
    }
}
