package dev.llamapanama.bench.streams;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.FlashAttentionConverter;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.Model;
import java.io.IOException;
import java.io.PrintWriter;
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

/** {@code streams}: how fast several sequences are processed together. */
@Command(
        name = "streams",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures parallel sequences in one context, as llama-batched-bench does: tokens per second of prompts and"
                    + " generation, of all streams and of each, and the latency from token to token.",
            "Numbers of streams, prompt and gen may be lists and ranges: 128,512 or 1-4 or 128-512+128 or 1-16*2; every"
                    + " combination is measured, in a context that is large enough for all."
        })
public final class StreamsCommand implements Callable<Integer> {
    private static final int MAX_STREAMS = 256; // LLAMA_MAX_SEQ

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
            names = {"-s", "--streams"},
            converter = IntegerList.Converter.class,
            defaultValue = "1,2,4,8,16",
            paramLabel = "N",
            description = "Sequences that are decoded together, at most 256 (default: ${DEFAULT-VALUE}).")
    private IntegerList streams;

    @Option(
            names = {"-p", "--prompt"},
            converter = IntegerList.Converter.class,
            defaultValue = "512",
            paramLabel = "N",
            description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
    private IntegerList prompts;

    @Option(
            names = {"-n", "--gen"},
            converter = IntegerList.Converter.class,
            defaultValue = "128",
            paramLabel = "N",
            description = "Tokens that each stream generates (default: ${DEFAULT-VALUE}).")
    private IntegerList gens;

    @Option(
            names = "--shared-prompt",
            description =
                    "Process one prompt and copy it to all streams (default: each stream has a prompt of its own).")
    private boolean sharedPrompt;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-b", "--batch"},
            defaultValue = "2048",
            paramLabel = "N",
            description =
                    "Most tokens in one decode call, n_batch; not less than the streams (default: ${DEFAULT-VALUE}).")
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
            defaultValue = "3",
            paramLabel = "N",
            description = "Times that each combination is measured (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warmup",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether each model decodes 16 tokens, unmeasured, before the first combination (default: it does).")
    private boolean warmup;

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        models.forEach(model -> Arguments.requireModel(spec, model));
        ContextOptions options = contextOptions();
        List<StreamsCase> tests = StreamsCase.all(prompts.values(), gens.values(), streams.values(), sharedPrompt);
        List<Path> files = models.isEmpty() ? List.of(ForgedModel.standard()) : models;
        files.forEach(file -> memory.requireFits(file, options));
        Machine machine = Machine.of(Backend.load());
        PrintWriter out = spec.commandLine().getOut();
        if (output.format() == RowsOutput.Format.MD && output.toStandardOutput()) {
            out.println(MarkdownHead.machine(machine)); // at once, to be read while the tests run
        }
        List<StreamsResult> results = run(files, options, tests, machine);
        output.write(
                out,
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> Report.jsonl(results);
                    case CSV -> Report.csv(results);
                    case MD ->
                        (output.toStandardOutput() ? "" : MarkdownHead.machine(machine) + "\n")
                                + StreamsReport.results(results);
                });
        return 0;
    }

    private List<StreamsResult> run(
            List<Path> files, ContextOptions options, List<StreamsCase> tests, Machine machine) {
        List<StreamsResult> results = new ArrayList<>();
        try (Progress progress = output.progress("streams", (long) files.size() * tests.size() * repetitions)) {
            for (Path file : files) {
                progress.part("load", " " + file.getFileName());
                try (Model model = Model.load(file);
                        StreamsTest running = new StreamsTest(model, options)) {
                    if (warmup) {
                        running.warmUp();
                    }
                    for (StreamsCase test : tests) {
                        progress.part(
                                test.name(),
                                " of %s, %d threads, %d repetitions"
                                        .formatted(file.getFileName(), options.threads(), repetitions));
                        StreamsSamples samples = running.measure(test, repetitions, () -> progress.advance(1));
                        results.add(StreamsResults.of(
                                machine,
                                CommandText.of(spec),
                                file,
                                model.info(),
                                options,
                                running.contextLength(),
                                test,
                                samples));
                    }
                }
            }
        }
        return results;
    }

    private void checkNumbers() {
        Arguments.require(spec, Collections.min(streams.values()) >= 1, "--streams must be 1 or more");
        Arguments.require(
                spec,
                Collections.max(streams.values()) <= MAX_STREAMS,
                "--streams must be " + MAX_STREAMS + " or less");
        Arguments.require(spec, Collections.min(prompts.values()) >= 1, "--prompt must be 1 or more");
        Arguments.require(spec, Collections.min(gens.values()) >= 1, "--gen must be 1 or more");
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, batch >= Collections.max(streams.values()), "--batch must not be less than --streams");
        Arguments.require(spec, ubatch >= 1, "--ubatch must be 1 or more");
        Arguments.require(spec, threads.orElse(1) >= 1, "--threads must be 1 or more");
    }

    /** Those of llama-batched-bench, with room for the largest combination. */
    private ContextOptions contextOptions() {
        int streamCount = Collections.max(streams.values());
        long length = streamCount * ((long) Collections.max(prompts.values()) + Collections.max(gens.values()));
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        try {
            return ContextOptions.builder()
                    .contextLength(Math.toIntExact(length))
                    .maxSequences(streamCount)
                    .batchSize(batch)
                    .ubatchSize(ubatch)
                    .threads(threadCount)
                    .batchThreads(threadCount)
                    .kvType(kvType)
                    .flashAttention(flashAttention)
                    .fullSwa(false)
                    .build();
        } catch (ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), "No context holds " + length + " tokens", e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
