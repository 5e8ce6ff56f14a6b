package dev.llamapanama.bench.generate;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CancelOnExit;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Generation;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.GrammarException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.engine.Timings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code generate}: text from a prompt. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Continues a prompt: text to standard output as it comes, timings to standard error.",
            "Ctrl-C stops it, in the middle of the prompt too."
        })
public final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "FILE",
            description = "Model file (GGUF).")
    private Path model;

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description =
                    "The prompt as it is, without a chat template (default: --prompt-file, one of the two is needed).")
    private Optional<String> prompt = Optional.empty();

    @Option(
            names = "--prompt-file",
            paramLabel = "FILE",
            description = "A file that holds the prompt, in UTF-8" + " (default: --prompt).")
    private Optional<Path> promptFile = Optional.empty();

    @Option(
            names = {"-n", "--max-tokens"},
            defaultValue = "256",
            paramLabel = "N",
            description =
                    "Most tokens to generate; -1: until the model ends or the context is full (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = {"-c", "--context"},
            defaultValue = "4096",
            paramLabel = "N",
            description =
                    "Tokens that the context holds; 0: what the model was trained with (default: ${DEFAULT-VALUE}).")
    private int contextLength;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--temperature",
            defaultValue = "0.8",
            paramLabel = "X",
            description =
                    "How random the choice is; 0 takes the most likely token each time (default: ${DEFAULT-VALUE}).")
    private float temperature;

    @Option(
            names = "--top-k",
            defaultValue = "40",
            paramLabel = "N",
            description = "Choose among the N most likely tokens; 0: all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            defaultValue = "0.95",
            paramLabel = "X",
            description =
                    "Choose among the most likely tokens that together have this probability, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private float topP;

    @Option(
            names = "--min-p",
            defaultValue = "0.05",
            paramLabel = "X",
            description =
                    "Choose among tokens that have this share of the likeliest one's probability, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private float minP;

    @Option(
            names = {"-s", "--seed"},
            paramLabel = "N",
            description = "Seed of the random choice, 0 to 4294967295 (default: another one each time).")
    private long seed = SamplerOptions.RANDOM_SEED;

    @Option(
            names = "--grammar-file",
            paramLabel = "FILE",
            description = "A file with a GBNF grammar that the text must follow (default: none).")
    private Optional<Path> grammarFile = Optional.empty();

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "Stop before this text; may be given more than once (default: none).")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Go on when the model ends its text (default: stop).")
    private boolean ignoreEndOfGeneration;

    @Mixin
    private MemoryCheck memory;

    @Override
    public Integer call() {
        Arguments.requireModel(spec, model);
        if (prompt.isPresent() == promptFile.isPresent()) {
            throw new ParameterException(spec.commandLine(), "Give the prompt with either --prompt or --prompt-file");
        }
        String text = promptFile
                .map(file -> Arguments.requireText(spec, file))
                .or(() -> prompt)
                .orElseThrow();
        GenerationOptions options = options();
        ContextOptions contextOptions = contextOptions();
        memory.requireFits(model, contextOptions);
        try (Model loaded = Model.load(model);
                TextGenerator generator = TextGenerator.create(loaded, contextOptions);
                Generation generation = generator.generate(text, options);
                CancelOnExit _ = new CancelOnExit(generation::cancel)) {
            PrintWriter out = spec.commandLine().getOut();
            while (generation.hasNext()) {
                out.print(generation.next().text());
                out.flush();
            }
            out.println();
            spec.commandLine().getErr().println(summary(generation.result()));
        }
        return 0;
    }

    private GenerationOptions options() {
        try {
            GenerationOptions.Builder options = GenerationOptions.builder()
                    .maxTokens(maxTokens)
                    .stopStrings(stops)
                    .ignoreEndOfGeneration(ignoreEndOfGeneration)
                    .sampler(SamplerOptions.builder()
                            .seed(seed)
                            .temperature(temperature)
                            .topK(topK)
                            .topP(topP)
                            .minP(minP)
                            .build());
            if (grammarFile.isPresent()) {
                options.grammar(Grammar.of(Arguments.requireText(spec, grammarFile.get())));
            }
            return options.build();
        } catch (IllegalArgumentException | GrammarException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ContextOptions contextOptions() {
        try {
            int threadCount = threads.orElseGet(Backend::defaultThreads);
            return ContextOptions.builder()
                    .contextLength(contextLength)
                    .threads(threadCount)
                    .batchThreads(threadCount)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static String summary(GenerationResult result) {
        Timings timings = result.timings();
        return String.format(
                Locale.ROOT,
                "prompt: %d tokens, %.2f tok/s; time to first token: %.1f ms; generation: %d tokens, %.2f tok/s; ended by: %s",
                timings.promptTokens(),
                timings.promptTokensPerSecond(),
                timings.timeToFirstToken().toNanos() / 1e6,
                timings.generatedTokens(),
                timings.tokensPerSecond(),
                result.finishReason().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
}
