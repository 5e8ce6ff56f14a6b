package dev.llamapanama.bench.latency;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.FlashAttentionConverter;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.latency.LatencyResult.Setting;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.Model;
import java.io.IOException;
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

/** {@code latency}: how long until the first token. */
@Command(
        name = "latency",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the time to first token against the prompt's length and the share of it that is in the KV cache,"
                    + " the time to load a model with its file in the page cache and not, and the first decode after a"
                    + " load against later ones.",
            "Threads, prompt and cached may be lists and ranges: 64,512 or 1-4 or 128-512+128 or 64-1024*2.",
            "The way from the start of a JVM to the first token is measured by the command startup."
        })
public final class LatencyCommand implements Callable<Integer> {
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
            defaultValue = "64,256,512,1024",
            paramLabel = "N",
            description = "Tokens of a prompt; 0 for no such test (default: ${DEFAULT-VALUE}).")
    private IntegerList prompts;

    @Option(
            names = "--cached",
            converter = IntegerList.Converter.class,
            defaultValue = "0,25,50,75,100",
            paramLabel = "PERCENT",
            description =
                    "Share of the prompt that is in the KV cache already, in percent; 100: all but the last token, which has"
                            + " to be decoded (default: ${DEFAULT-VALUE}).")
    private IntegerList shares;

    @Option(
            names = {"-b", "--batch"},
            defaultValue = "2048",
            paramLabel = "N",
            description = "Most tokens in one decode call, n_batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = {"-u", "--ubatch"},
            defaultValue = "512",
            paramLabel = "N",
            description = "Most tokens in one pass through the network, n_ubatch (default: ${DEFAULT-VALUE}).")
    private int ubatch;

    @Option(
            names = {"-f", "--flash-attention"},
            converter = FlashAttentionConverter.class,
            defaultValue = "auto",
            paramLabel = "auto|on|off",
            description =
                    "Flash attention, which is attention in one kernel; auto: where the model can have it (default:"
                            + " ${DEFAULT-VALUE}).")
    private FlashAttention flashAttention;

    @Option(
            names = {"-k", "--kv-type"},
            defaultValue = "f16",
            paramLabel = "TYPE",
            description = "How keys and values are stored: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private KvType kvType;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "5",
            paramLabel = "N",
            description = "Times that each prompt is measured with each share (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--loads",
            defaultValue = "3",
            paramLabel = "N",
            description =
                    "Times that each load is measured; 0 for none (default: ${DEFAULT-VALUE}). Loads with a cold page"
                            + " cache take the file out of it with dd, and check that with fincore.")
    private int loads;

    @Option(
            names = "--warmup",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether each prompt runs once, unmeasured, before it is measured (default: it does).")
    private boolean warmup;

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        models.forEach(model -> Arguments.requireModel(spec, model));
        List<Integer> threadCounts =
                threads.map(IntegerList::values).orElseGet(() -> List.of(Backend.defaultThreads()));
        List<ContextOptions> settings = settings(threadCounts);
        List<Path> files = models.isEmpty() ? List.of(ForgedModel.standard()) : models;
        files.forEach(file -> memory.requireFits(file, settings.getFirst()));
        Machine machine = Machine.of(Backend.load());
        List<LatencyResult> results = new ArrayList<>();
        try (Progress progress = output.progress("latency", work(files.size() * threadCounts.size()))) {
            for (Path file : files) {
                for (int threadCount : threadCounts) {
                    progress.part(String.valueOf(file.getFileName()), ", %d threads".formatted(threadCount));
                    results.addAll(measure(file, threadCount, machine, progress));
                }
            }
        }
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> Report.jsonl(results);
                    case CSV -> Report.csv(results);
                    case MD -> LatencyReport.of(machine, results);
                });
        return 0;
    }

    private long work(int settings) {
        long prompt = (long) lengths().size() * shares.values().size() * (repetitions + (warmup ? 1 : 0));
        return settings * (prompt + 2L * loads);
    }

    private List<LatencyResult> measure(Path file, int threadCount, Machine machine, Progress progress)
            throws IOException, InterruptedException {
        ContextOptions options = options(threadCount);
        List<LatencyResult> rows = new ArrayList<>();
        Setting setting;
        try (Model model = Model.load(file)) {
            setting = new Setting(file, model.info(), threadCount, batch, ubatch, machine, CommandText.of(spec));
            if (!lengths().isEmpty()) {
                rows.addAll(firstTokens(model, options, setting, progress));
            }
        }
        if (loads > 0) {
            rows.addAll(0, LoadLatency.measure(setting, options, loads, () -> progress.advance(1)));
        }
        return rows;
    }

    private List<LatencyResult> firstTokens(Model model, ContextOptions options, Setting setting, Progress progress) {
        List<LatencyResult> rows = new ArrayList<>();
        try (FirstTokenLatency latency = new FirstTokenLatency(model, options, setting)) {
            for (int length : lengths()) {
                for (int percent : shares.values()) {
                    rows.add(latency.measure(length, percent, repetitions, warmup, () -> progress.advance(1)));
                }
            }
        }
        return rows;
    }

    private List<Integer> lengths() {
        return prompts.values().stream().filter(length -> length > 0).toList();
    }

    private ContextOptions options(int threadCount) {
        // room for the first token, and for the decodes after a load
        int length = Math.max(64, Collections.max(prompts.values()) + 1);
        return ContextOptions.builder()
                .contextLength(length)
                .batchSize(batch)
                .ubatchSize(ubatch)
                .threads(threadCount)
                .batchThreads(threadCount)
                .keyType(kvType)
                .valueType(kvType)
                .flashAttention(flashAttention)
                .build();
    }

    /** The contexts, of which the first is as large as the others. */
    private List<ContextOptions> settings(List<Integer> threadCounts) {
        try {
            return threadCounts.stream().map(this::options).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void checkNumbers() {
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, loads >= 0, "--loads must be 0 or more");
        Arguments.require(spec, batch >= 1, "--batch must be 1 or more");
        Arguments.require(spec, ubatch >= 1, "--ubatch must be 1 or more");
        Arguments.require(
                spec,
                shares.values().stream().allMatch(percent -> percent <= 100),
                "--cached is a share in percent, 0 to 100");
        Arguments.require(
                spec,
                threads.stream().flatMap(list -> list.values().stream()).allMatch(n -> n >= 1),
                "--threads must be 1 or more");
        Arguments.require(
                spec, loads > 0 || !lengths().isEmpty(), "Nothing to measure: both --prompt and --loads are 0");
    }
}
