package dev.llamapanama.bench.latency;

import dev.llamapanama.bench.Main;
import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.OracleTools;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.launcher.CacheFolder;
import dev.llamapanama.bench.launcher.Launcher;
import dev.llamapanama.bench.launcher.StartupArchive;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code startup}: from the start of a JVM to the first token, beside llama-completion. */
@Command(
        name = "startup",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the time from the start of a process to the first byte of generated text: a JVM that runs the command"
                    + " generate, and llama-completion, in turn (A B, B A, ...), with a warm page cache.",
            "Both get the same prompt, threads and context, and print generated text only. llama-completion runs as its user"
                    + " would run it: by default it fits parameters to the memory and decodes once to warm up;"
                    + " --completion-options=\"--no-warmup --fit off\" leaves that out. Where the first token has no text,"
                    + " the end of the output counts, for both."
        })
public final class StartupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--completion-tool",
            paramLabel = "FILE",
            description =
                    "llama-completion, built from the same llama.cpp with the same flags (default: the one that mvn"
                            + " -Poracle built).")
    private Optional<Path> tool = Optional.empty();

    @Option(
            names = "--completion-options",
            defaultValue = "",
            paramLabel = "OPTIONS",
            description = "Further options for llama-completion, separated by spaces (default: none).")
    private String toolOptions;

    @Option(
            names = {"-m", "--models", "--model"},
            split = ",",
            paramLabel = "FILE",
            description = "Model files (default: a forged tiny model, and a forged Qwen2.5-0.5B in Q8_0).")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = {"-p", "--prompt"},
            defaultValue = "Once upon a time",
            paramLabel = "TEXT",
            description = "The prompt (default: ${DEFAULT-VALUE}).")
    private String prompt;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-c", "--context"},
            defaultValue = "4096",
            paramLabel = "N",
            description = "Tokens that the context holds (default: ${DEFAULT-VALUE}).")
    private int contextLength;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "10",
            paramLabel = "N",
            description = "Pairs to measure for each model (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
            names = "--archive",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether the JVM uses an archive of classes, which is made first if need be (default: it does).")
    private boolean archived;

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        Path reference = OracleTools.require(spec, "llama-completion", "--completion-tool", tool);
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        ContextOptions options = contextOptions(threadCount);
        List<Path> files =
                models.isEmpty() ? List.of(ForgedModel.get(TinyModels.llama()), ForgedModel.standard()) : models;
        files.forEach(file -> memory.requireFits(file, options));
        Machine machine = Machine.of(Backend.load());
        Optional<StartupArchive> archive = archive();
        List<StartupResult> results = new ArrayList<>();
        try (Progress progress = output.progress("startup", (long) files.size() * pairs)) {
            for (Path model : files) {
                results.add(StartupResult.measure(
                        new FirstByte("engine", engine(archive, model, threadCount)),
                        new FirstByte("llama-completion", completion(reference, model, threadCount)),
                        new StartupResult.Setting(
                                model, threadCount, contextLength, archive.isPresent(), machine, CommandText.of(spec)),
                        pairs,
                        progress));
            }
        }
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> Report.jsonl(results);
                    case CSV -> Report.csv(results);
                    case MD -> MarkdownHead.machine(machine) + "\n" + table(results);
                });
        return 0;
    }

    private void check() {
        Arguments.require(spec, pairs >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, threads.stream().allMatch(n -> n >= 1), "--threads must be 1 or more");
        Arguments.require(spec, contextLength >= 1, "--context must be 1 or more");
        models.forEach(model -> Arguments.requireModel(spec, model));
    }

    /** Those of the command generate. */
    private ContextOptions contextOptions(int threadCount) {
        try {
            return ContextOptions.builder()
                    .contextLength(contextLength)
                    .threads(threadCount)
                    .batchThreads(threadCount)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The launcher's archive of the command generate; empty if it is not wanted, or cannot be made here. */
    private Optional<StartupArchive> archive() throws InterruptedException {
        if (!archived) {
            return Optional.empty();
        }
        Optional<StartupArchive> archive = StartupArchive.of(
                Path.of(System.getProperty("java.home")), Launcher.OPTIONS, classPath(), CacheFolder.path());
        if (archive.isEmpty()
                || !archive.get().exists()
                        && !(archive.get().isWanted() && archive.get().make())) {
            spec.commandLine().getErr().println("No archive of classes can be made in " + CacheFolder.path());
            return Optional.empty();
        }
        return archive;
    }

    private List<String> engine(Optional<StartupArchive> archive, Path model, int threadCount) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Launcher.OPTIONS);
        archive.ifPresent(found -> command.addAll(found.use()));
        for (String name : List.of("llamapanama.native.dir", "llamapanama.cache", "llamapanama.kernels")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of(
                "-classpath",
                archive.map(StartupArchive::classPath).orElseGet(StartupCommand::classPath),
                Main.class.getName(),
                "generate",
                "--model",
                model.toString(),
                "--prompt",
                prompt,
                "--max-tokens",
                "1",
                "--threads",
                String.valueOf(threadCount),
                "--context",
                String.valueOf(contextLength),
                "--seed",
                "1"));
        if (memory.isForced()) {
            command.add("--force");
        }
        return command;
    }

    private List<String> completion(Path reference, Path model, int threadCount) {
        List<String> command = new ArrayList<>(List.of(
                reference.toString(),
                "-m",
                model.toString(),
                "-p",
                prompt,
                "-n",
                "1",
                "-t",
                String.valueOf(threadCount),
                "-c",
                String.valueOf(contextLength),
                "-s",
                "1",
                "-no-cnv",
                "--no-display-prompt"));
        if (!toolOptions.isBlank()) {
            command.addAll(Arrays.asList(toolOptions.strip().split("\\s+")));
        }
        return command;
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    private String table(List<StartupResult> results) {
        MarkdownTable table = new MarkdownTable()
                .text("model")
                .number("threads")
                .text("archive")
                .number("engine ms")
                .number("llama-completion ms")
                .number("ratio")
                .number("least")
                .number("most")
                .number("pairs");
        for (StartupResult result : results) {
            table.row(
                    String.valueOf(Path.of(result.modelFilename()).getFileName()),
                    String.valueOf(result.nThreads()),
                    result.archive() ? "yes" : "no",
                    MarkdownTable.number(result.medianEngineNs() / 1e6, 1),
                    MarkdownTable.number(result.medianReferenceNs() / 1e6, 1),
                    MarkdownTable.number(result.medianRatio(), 3),
                    MarkdownTable.number(result.minRatio(), 3),
                    MarkdownTable.number(result.maxRatio(), 3),
                    String.valueOf(result.ratios().size()));
        }
        return table + "\nFrom the start of the process to the first byte of generated text; times and ratio (engine /"
                + " llama-completion, of\neach pair) are medians. llama-completion's options besides the common ones: "
                + (toolOptions.isBlank() ? "none (it fits parameters and warms up)" : toolOptions.strip()) + ".\n";
    }
}
