package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.FlashAttentionConverter;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.LoadModeConverter;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.PageOutput;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.ResultStream;
import dev.llamapanama.bench.html.HtmlReport;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.LoadMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code throughput}: how fast prompts are processed and tokens generated. */
@Command(
        name = "throughput",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures prompt processing (pp) and token generation (tg) in tokens per second, as llama-bench does,"
                    + " and the time to first token.",
            "Models, threads, prompt, gen, depth, batch, ubatch, flash attention and KV type may be lists, and numbers ranges too:"
                    + " 128,512 or 1-4 or 128-512+128 or 1-16*2; every combination is measured."
        })
public final class ThroughputCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            split = ",",
            paramLabel = "FILE",
            description =
                    "Model file (GGUF). Default: a model with random weights in the shape of Qwen2.5-0.5B in Q8_0, which is"
                            + " made on first use (about 0.5 GB in the user's cache).")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = {"-t", "--threads"},
            converter = IntegerList.Converter.class,
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<IntegerList> threads = Optional.empty();

    @Option(
            names = {"-p", "--prompt"},
            converter = IntegerList.Converter.class,
            defaultValue = "512",
            paramLabel = "N",
            description = "Tokens of a prompt; 0 for no such test (default: ${DEFAULT-VALUE}).")
    private IntegerList prompts;

    @Option(
            names = {"-n", "--gen"},
            converter = IntegerList.Converter.class,
            defaultValue = "128",
            paramLabel = "N",
            description = "Tokens to generate; 0 for no such test (default: ${DEFAULT-VALUE}).")
    private IntegerList gens;

    @Option(
            names = {"-d", "--depth"},
            converter = IntegerList.Converter.class,
            defaultValue = "0",
            paramLabel = "N",
            description = "Tokens that are in the context before the measurement starts (default: ${DEFAULT-VALUE}).")
    private IntegerList depths;

    @Option(
            names = {"-b", "--batch"},
            converter = IntegerList.Converter.class,
            defaultValue = "2048",
            paramLabel = "N",
            description = "Most tokens in one decode call, n_batch (default: ${DEFAULT-VALUE}).")
    private IntegerList batches;

    @Option(
            names = {"-u", "--ubatch"},
            converter = IntegerList.Converter.class,
            defaultValue = "512",
            paramLabel = "N",
            description = "Most tokens in one pass through the network, n_ubatch (default: ${DEFAULT-VALUE}).")
    private IntegerList ubatches;

    @Option(
            names = {"-f", "--flash-attention"},
            split = ",",
            converter = FlashAttentionConverter.class,
            defaultValue = "auto",
            paramLabel = "auto|on|off",
            description =
                    "Flash attention, which is attention in one kernel; auto: where the model can have it (default:"
                            + " ${DEFAULT-VALUE}).")
    private List<FlashAttention> flashAttentions;

    @Option(
            names = {"-k", "--kv-type"},
            split = ",",
            defaultValue = "f16",
            paramLabel = "TYPE",
            description = "How keys and values are stored: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<KvType> kvTypes;

    @Option(
            names = {"-lm", "--load-mode"},
            converter = LoadModeConverter.class,
            defaultValue = "auto",
            paramLabel = "auto|none|mmap|mlock|mmap+mlock|dio",
            description =
                    "How the weights get into memory: mmap maps the file, none reads it, dio reads it past the page cache, mlock and"
                            + " mmap+mlock keep it from being swapped out, auto is llama.cpp's choice (default: ${DEFAULT-VALUE}).")
    private LoadMode loadMode;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "3",
            paramLabel = "N",
            description = "Times that each test is measured (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warmup",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether each test runs once, unmeasured, before it is measured (default: it does).")
    private boolean warmup;

    @Option(
            names = "--no-limits",
            description =
                    "Do not measure at the start, for about a second, what this machine can do at most, and so do not show"
                            + " speeds as shares of it (default: it is measured).")
    private boolean noLimits;

    @Option(
            names = "--build-commit",
            paramLabel = "NAME",
            description = "What the field build_commit holds: llama.cpp's compare-llama-bench.py tells runs apart by it"
                    + " (default: llama.cpp's release).")
    private Optional<String> buildCommit = Optional.empty();

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private PageOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        models.forEach(model -> Arguments.requireModel(spec, model));
        checkSettings();
        List<Path> files = models.isEmpty() ? List.of(ForgedModel.standard()) : models;
        matrix(files).largestContexts().forEach(largest -> files.forEach(file -> memory.requireFits(file, largest)));
        List<TestCase> tests = matrix(files).cases();
        Machine machine = Machine.of(Backend.load());
        PrintWriter out = spec.commandLine().getOut();
        if (output.format() == PageOutput.Format.MD && output.toStandardOutput()) {
            out.println(MarkdownHead.machine(machine)); // at once, to be read while the tests run
        }
        CeilingShares ceilings = noLimits
                ? CeilingShares.none()
                : CeilingShares.measure(tests, points -> output.progress("limits", points));
        Run run = new Run(machine, buildCommit, loadMode, CommandText.of(spec), ceilings);
        if (output.format() == PageOutput.Format.JSONL) {
            try (ResultStream stream = output.stream(out)) {
                measure(tests, run, result -> stream.write(Report.jsonl(List.of(result))));
            }
            return 0;
        }
        List<BenchResult> results = new ArrayList<>();
        measure(tests, run, results::add);
        output.write(
                out,
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> throw new IllegalStateException("written above");
                    case CSV -> Report.csv(results);
                    case HTML -> HtmlReport.of(results);
                    case MD ->
                        (output.toStandardOutput() ? "" : MarkdownHead.machine(machine) + "\n")
                                + ceilings.lines()
                                + ThroughputReport.results(results);
                });
        return 0;
    }

    /** Takes each result as soon as it is there. */
    private interface Sink {
        void accept(BenchResult result) throws IOException;
    }

    private void measure(List<TestCase> tests, Run run, Sink results) throws IOException {
        try (Progress progress = output.progress("throughput", (long) tests.size() * (repetitions + 1));
                ThroughputRunner runner = new ThroughputRunner(run, warmup, repetitions, progress)) {
            for (TestCase test : tests) {
                results.accept(runner.measure(test));
            }
        }
    }

    private void checkNumbers() {
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, batches.values().stream().allMatch(n -> n >= 1), "--batch must be 1 or more");
        Arguments.require(spec, ubatches.values().stream().allMatch(n -> n >= 1), "--ubatch must be 1 or more");
        Arguments.require(
                spec,
                threads.stream().flatMap(list -> list.values().stream()).allMatch(n -> n >= 1),
                "--threads must be 1 or more");
        Arguments.require(
                spec,
                prompts.values().stream().anyMatch(n -> n > 0)
                        || gens.values().stream().anyMatch(n -> n > 0),
                "Nothing to measure: both --prompt and --gen are 0");
    }

    /** What would fail in the middle of the run: settings that exclude each other. */
    private void checkSettings() {
        try {
            matrix(List.of(Path.of(""))).cases().forEach(TestCase::contextOptions);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private TestMatrix matrix(List<Path> files) {
        List<Integer> threadCounts =
                threads.map(IntegerList::values).orElseGet(() -> List.of(Backend.defaultThreads()));
        return new TestMatrix(
                files,
                prompts.values(),
                gens.values(),
                depths.values(),
                batches.values(),
                ubatches.values(),
                kvTypes,
                flashAttentions,
                threadCounts);
    }
}
