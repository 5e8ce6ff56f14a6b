package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.FlashAttentionConverter;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.OracleTools;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code compare}: the engine beside llama.cpp's own benchmarks, and beside a JNI binding. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the engine and llama.cpp's own benchmarks in turn, each in a process of its own, and prints the ratio of"
                    + " their speeds with its confidence interval.",
            "Each process loads the model, warms up, and measures; pairs are measured in the order A B, B A, A B, ... All"
                    + " settings are given to both sides. Every combination of models and settings is measured."
        },
        footer = {
            "",
            "The interval is the distribution-free one of the median, at 95 %% or more. It takes 6 pairs; with fewer there is"
                    + " none, and least and most are all that is known.",
            "",
            "Examples:",
            "  compare --model qwen.gguf --tests pp512,tg128,tg64@d2048 --repetitions 10",
            "  compare --tests pp128+tg64x1,pp128+tg64x8 --samples 3 --env GOMP_SPINCOUNT=1000"
        })
public final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--bench-tool",
            paramLabel = "FILE",
            description =
                    "llama-bench, built from the same llama.cpp with the same flags (default: the one that mvn -Poracle"
                            + " built).")
    private Optional<Path> benchTool = Optional.empty();

    @Option(
            names = "--batched-bench-tool",
            paramLabel = "FILE",
            description = "llama-batched-bench, for tests of parallel sequences (default: the one beside llama-bench).")
    private Optional<Path> batchedBenchTool = Optional.empty();

    @Option(
            names = "--jni-peer",
            description =
                    "Measure the JNI binding de.kherud:llama 4.2.0 too, where it can run the test; needs the tests' class path,"
                            + " -Dexec.classpathScope=test (default: it is left out).")
    private boolean jniPeer;

    @Option(
            names = {"-m", "--models", "--model"},
            split = ",",
            paramLabel = "FILE",
            description = "Model files (default: a forged Qwen2.5-0.5B in Q8_0).")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--tests",
            split = ",",
            converter = CompareTest.Converter.class,
            defaultValue = "pp512,tg128,tg64@d512",
            paramLabel = "TEST",
            description =
                    "What to measure, by llama-bench's names, at a depth too; or parallel sequences: pp128+tg64x8 is 8 of"
                            + " them, each with a prompt of 128 tokens and 64 generated ones (default: ${DEFAULT-VALUE}).")
    private List<CompareTest> tests;

    @Option(
            names = {"-t", "--threads"},
            converter = IntegerList.Converter.class,
            paramLabel = "N",
            description = "Threads that compute; a list or range, as 1,2 or 1-8*2 (default: the physical cores).")
    private Optional<IntegerList> threads = Optional.empty();

    @Option(
            names = {"-b", "--batch"},
            converter = IntegerList.Converter.class,
            defaultValue = "2048",
            paramLabel = "N",
            description = "Most tokens in one decode call, n_batch; a list (default: ${DEFAULT-VALUE}).")
    private IntegerList batches;

    @Option(
            names = {"-u", "--ubatch"},
            converter = IntegerList.Converter.class,
            defaultValue = "512",
            paramLabel = "N",
            description = "Most tokens in one pass through the network, n_ubatch; a list (default: ${DEFAULT-VALUE}).")
    private IntegerList ubatches;

    @Option(
            names = {"-f", "--flash-attention"},
            split = ",",
            converter = FlashAttentionConverter.class,
            defaultValue = "auto",
            paramLabel = "auto|on|off",
            description =
                    "Flash attention, which is attention in one kernel; auto: where the model can have it; a list (default:"
                            + " ${DEFAULT-VALUE}).")
    private List<FlashAttention> flashAttentions;

    @Option(
            names = {"-k", "--kv-type"},
            split = ",",
            defaultValue = "f16",
            paramLabel = "TYPE",
            description =
                    "How keys and values are stored: ${COMPLETION-CANDIDATES}; a list (default: ${DEFAULT-VALUE}).")
    private List<KvType> kvTypes;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "6",
            paramLabel = "N",
            description = "Pairs to measure for each test (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
            names = "--samples",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Measurements in each process after its warm-up, of which the median counts (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--jvm-options",
            split = "\\s+",
            paramLabel = "OPTIONS",
            hideParamSyntax = true,
            description = "More options of the engine's JVM, separated by spaces (default: none).")
    private List<String> jvmOptions = new ArrayList<>();

    @Option(
            names = "--env",
            paramLabel = "NAME=VALUE",
            description =
                    "More environment of the engine's process, as GOMP_SPINCOUNT=1000; may be given more than once (default:"
                            + " none).")
    private Map<String, String> environment = new LinkedHashMap<>();

    @Option(
            names = "--kernels",
            split = ",",
            paramLabel = "on|off",
            description =
                    "Whether the engine computes with llamapanama's own matrix kernels (default: as this JVM). With"
                            + " on,off it is measured with both, and the second is a peer of the first.")
    private List<Kernels> kernels = new ArrayList<>();

    private enum Kernels {
        ON,
        OFF
    }

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        models.forEach(model -> Arguments.requireModel(spec, model));
        List<Contender> peers = peers();
        checkSettings();
        List<Path> files = models.isEmpty() ? List.of(ForgedModel.standard()) : models;
        workloads(files).forEach(workload -> memory.requireFits(workload.model(), workload.contextOptions()));
        Engine engine = engine("engine", kernels.isEmpty() ? Optional.empty() : Optional.of(kernels.getFirst()));
        List<Comparison> rows = run(new Rounds(engine, peers, pairs, CommandText.of(spec)), workloads(files));
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(rows);
                    case JSONL -> Report.jsonl(rows);
                    case CSV -> Report.csv(rows);
                    case MD -> MarkdownHead.machine(rows.getFirst().machine()) + CompareReport.of(rows);
                });
        return 0;
    }

    private Engine engine(String name, Optional<Kernels> setting) {
        List<String> options = new ArrayList<>(jvmOptions);
        setting.ifPresent(
                value -> options.add("-Dllamapanama.kernels=" + value.name().toLowerCase(Locale.ROOT)));
        return new Engine(name, options, environment, memory.isForced());
    }

    private List<Comparison> run(Rounds rounds, List<Workload> workloads) throws IOException, InterruptedException {
        List<Comparison> rows = new ArrayList<>();
        try (Progress progress = output.progress("compare", (long) workloads.size() * pairs)) {
            for (Workload workload : workloads) {
                rows.addAll(rounds.measure(workload, progress));
            }
        }
        return rows;
    }

    private void checkNumbers() {
        Arguments.require(spec, pairs >= 1, "--repetitions must be 1 or more");
        Arguments.require(
                spec, kernels.stream().distinct().count() == kernels.size(), "--kernels names a setting twice");
        Arguments.require(spec, samples >= 1, "--samples must be 1 or more");
        Arguments.require(
                spec,
                threads.stream().flatMap(list -> list.values().stream()).allMatch(n -> n >= 1),
                "--threads must be 1 or more");
        Arguments.require(spec, batches.values().stream().allMatch(n -> n >= 1), "--batch must be 1 or more");
        Arguments.require(spec, ubatches.values().stream().allMatch(n -> n >= 1), "--ubatch must be 1 or more");
    }

    /** The programs to compare with: those that the tests need, and the JNI peer where it is asked for. */
    private List<Contender> peers() throws IOException {
        List<Contender> peers = new ArrayList<>();
        if (jniPeer) {
            Arguments.require(spec, JniPeer.isThere(), JniPeer.REMEDY);
            peers.add(new JniPeer());
        }
        if (kernels.size() > 1) {
            Kernels other = kernels.get(1);
            peers.add(engine("engine, kernels " + other.name().toLowerCase(Locale.ROOT), Optional.of(other)));
        }
        if (tests.stream().anyMatch(test -> !test.parallel())) {
            peers.addFirst(new LlamaBench(OracleTools.require(spec, "llama-bench", "--bench-tool", benchTool)));
        }
        if (tests.stream().anyMatch(CompareTest::parallel)) {
            Optional<Path> sibling = benchTool.map(tool -> tool.resolveSibling("llama-batched-bench"));
            Optional<Path> chosen = batchedBenchTool.or(() -> sibling);
            peers.add(new LlamaBatchedBench(
                    OracleTools.require(spec, "llama-batched-bench", "--batched-bench-tool", chosen)));
        }
        return peers;
    }

    /** What would fail hours later in one of the processes. */
    private void checkSettings() {
        try {
            workloads(List.of(Path.of(""))).forEach(Workload::contextOptions);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<Workload> workloads(List<Path> files) {
        List<Integer> threadCounts =
                threads.map(IntegerList::values).orElseGet(() -> List.of(Backend.defaultThreads()));
        List<Workload> workloads = new ArrayList<>();
        for (Path model : files) {
            for (int batch : batches.values()) {
                for (int ubatch : ubatches.values()) {
                    for (KvType kvType : kvTypes) {
                        for (FlashAttention flashAttention : flashAttentions) {
                            for (int threadCount : threadCounts) {
                                for (CompareTest test : tests) {
                                    workloads.add(new Workload(
                                            model, test, threadCount, batch, ubatch, kvType, flashAttention, samples));
                                }
                            }
                        }
                    }
                }
            }
        }
        return workloads;
    }
}
