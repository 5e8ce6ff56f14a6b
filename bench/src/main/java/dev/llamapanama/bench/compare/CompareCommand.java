package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.OutputOptions;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code compare}: the engine beside llama-bench. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the engine and llama-bench in turn, each in a process of its own, and prints the ratio of their speeds.",
            "Pairs are measured in the order A B, B A, A B, ...; each process loads the model, warms up, and measures once."
        })
public final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--bench-tool",
            required = true,
            paramLabel = "FILE",
            description = "llama-bench, built from the same llama.cpp with the same flags.")
    private Path tool;

    @Option(
            names = {"-m", "--models", "--model"},
            split = ",",
            paramLabel = "FILE",
            description = "Model files (default: a forged Qwen2.5-0.5B in Q8_0).")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--tests",
            split = ",",
            converter = TestSpec.Converter.class,
            defaultValue = "pp512,tg128,tg64@d512",
            paramLabel = "TEST",
            description = "What to measure, by llama-bench's names (default: ${DEFAULT-VALUE}).")
    private List<TestSpec> tests;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "6",
            paramLabel = "N",
            description = "Pairs to measure for each test (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        List<Path> files = models.isEmpty() ? List.of(ForgedModel.standard()) : models;
        List<Comparison> comparisons = new ArrayList<>();
        Contender reference = new Contender.LlamaBench(tool.toAbsolutePath());
        try (Progress progress = output.progress("compare", (long) files.size() * tests.size() * pairs)) {
            for (Path model : files) {
                for (TestSpec test : tests) {
                    comparisons.add(Comparison.measure(
                            new Contender.Engine(), reference, model, test, threadCount, pairs, progress));
                }
            }
        }
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(comparisons);
                    case JSONL -> Report.jsonl(comparisons);
                    case CSV, HTML -> throw new IllegalStateException("checked before");
                    case MD -> table(comparisons);
                });
        return 0;
    }

    private void check() {
        if (!Files.isExecutable(tool)) {
            throw new ParameterException(spec.commandLine(), "No program at " + tool + " (--bench-tool)");
        }
        if (pairs < 1) {
            throw new ParameterException(spec.commandLine(), "--repetitions must be 1 or more");
        }
        output.requireFormat(OutputOptions.Format.MD, OutputOptions.Format.JSON, OutputOptions.Format.JSONL);
        models.forEach(model -> Arguments.requireModel(spec, model));
    }

    private static String table(List<Comparison> comparisons) {
        MarkdownTable table = new MarkdownTable()
                .text("model")
                .text("test")
                .number("threads")
                .number("engine tok/s")
                .number("llama-bench tok/s")
                .number("ratio")
                .number("least")
                .number("most")
                .number("pairs");
        for (Comparison c : comparisons) {
            table.row(
                    String.valueOf(Path.of(c.model()).getFileName()),
                    c.test(),
                    String.valueOf(c.threads()),
                    MarkdownTable.number(Statistics.median(Statistics.doubles(c.engine())), 2),
                    MarkdownTable.number(Statistics.median(Statistics.doubles(c.reference())), 2),
                    MarkdownTable.number(c.medianRatio(), 3),
                    MarkdownTable.number(Collections.min(c.ratios()), 3),
                    MarkdownTable.number(Collections.max(c.ratios()), 3),
                    String.valueOf(c.ratios().size()));
        }
        return table + "\nSpeeds and ratio (engine / llama-bench, of each pair) are medians.\n";
    }
}
