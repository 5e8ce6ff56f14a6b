package dev.llamapanama.bench.requests;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.statistics.PairedRatio;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.GenerationRequest;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceOptions;
import dev.llamapanama.engine.service.ServiceStatistics;
import dev.llamapanama.gguf.forge.ModelShapes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lookup}: what guessing tokens is worth, by prompt lookup or by a draft model. */
@Command(
        name = "lookup",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Generates one answer with and without prompt lookup, and with a draft model if there is one, in turn, and compares"
                    + " the speeds.",
            "Tasks: the likeliest tokens, in which a model may or may not repeat itself; six tokens at random, so that there is"
                    + " nearly always a guess and it is mostly wrong; and, with a model that is forged to write the successor"
                    + " of each token, a text that stands in the prompt but for one token in fifty, as when a file is to be edited."
        })
public final class LookupCommand implements Callable<Integer> {
    private static final int CONTEXT = 2048;
    private static final int EDITED = 50; // one of so many tokens
    private static final int FIRST_WORD = 300; // behind bytes and control tokens
    private static final int FIRST_LETTER = ' ';

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description =
                    "Model file (GGUF). Default: a model with random weights in the shape of Qwen2.5-0.5B in Q8_0, which is"
                            + " made on first use (about 0.5 GB in the user's cache).")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--successor-model",
            paramLabel = "FILE",
            description =
                    "For the task of editing: what forge --successor has made. Default: one in the shape of Qwen2.5-0.5B in"
                            + " Q8_0, made on first use (about 0.7 GB in the user's cache), if there is no --model.")
    private Optional<Path> successorModel = Optional.empty();

    @Option(
            names = "--draft-model",
            paramLabel = "FILE",
            description =
                    "A smaller model of the same vocabulary, which guesses for the model of the tasks (default: none).")
    private Optional<Path> draftModel = Optional.empty();

    @Option(
            names = {"-n", "--gen"},
            defaultValue = "256",
            paramLabel = "N",
            description = "Tokens of the answer (default: ${DEFAULT-VALUE}).")
    private int gen;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "5",
            paramLabel = "N",
            description = "Pairs of answers for each task, after one that warms up (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    /**
     * A task with its speeds: a row of results.
     *
     * @param task what was generated
     * @param guesses where they come from
     * @param plainTs tokens per second without guesses, of each round
     * @param guessingTs tokens per second with them
     * @param medianRatio of the second to the first
     * @param drafted tokens guessed, in all pairs
     * @param accepted those that were right
     * @param sameOutput whether both gave the same tokens in all pairs
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Row(
            String model,
            String task,
            String guesses,
            List<Double> plainTs,
            List<Double> guessingTs,
            double medianRatio,
            long drafted,
            long accepted,
            boolean sameOutput,
            String testTime,
            Machine machine,
            String command) {}

    /** What is to be generated. */
    private record Task(String name, SamplerOptions sampling, Prompt prompt) {}

    /** The tokens that a round begins with. */
    @FunctionalInterface
    private interface Prompt {
        int[] of(int round, int vocabularySize);
    }

    /** What is compared on one model. */
    private final class Services implements AutoCloseable {
        private final List<Model> models = new ArrayList<>();
        private final Map<String, InferenceService> byGuesses = new LinkedHashMap<>();

        Services(Path file, ServiceOptions plain) {
            try {
                models.add(Model.load(file));
                add("none", plain);
                add("prompt lookup", plain.toBuilder().promptLookup(true).build());
                if (draftModel.isPresent()) {
                    models.add(Model.load(draftModel.get()));
                    add(
                            "draft model",
                            plain.toBuilder().draftModel(models.getLast()).build());
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private void add(String guesses, ServiceOptions options) {
            byGuesses.put(guesses, InferenceService.create(models.getFirst(), options));
        }

        @Override
        public void close() {
            byGuesses.values().forEach(InferenceService::close);
            models.forEach(Model::close);
        }
    }

    /** A service, and what it did in one task. */
    private record Contender(
            String name, InferenceService service, ServiceStatistics before, List<Double> speeds, List<int[]> answers) {
        Contender(String name, InferenceService service) {
            this(name, service, service.statistics(), new ArrayList<>(), new ArrayList<>());
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        model.ifPresent(file -> Arguments.requireModel(spec, file));
        successorModel.ifPresent(file -> Arguments.requireModel(spec, file));
        draftModel.ifPresent(file -> Arguments.requireModel(spec, file));
        Arguments.require(spec, gen >= 8 && gen < CONTEXT / 2, "--gen must be 8 to " + (CONTEXT / 2 - 1));
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, threads.orElse(1) >= 1, "--threads must be 1 or more");
        Path file = model.isPresent() ? model.get() : ForgedModel.standard();
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        ContextOptions context = ContextOptions.builder()
                .contextLength(CONTEXT)
                .threads(threadCount)
                .batchThreads(threadCount)
                .build();
        memory.requireFits(file, context);
        Machine machine = Machine.of(Backend.load());
        SamplerOptions random = SamplerOptions.builder()
                .logitBias(IntStream.range(20, 26).boxed().collect(Collectors.toMap(token -> token, _ -> 1000f)))
                .temperature(100)
                .topK(6)
                .topP(1)
                .minP(0)
                .build();
        Map<Path, List<Task>> tasks = new LinkedHashMap<>();
        tasks.put(file, new ArrayList<>());
        tasks.get(file).add(new Task("likeliest tokens", SamplerOptions.greedy(), LookupCommand::anyPrompt));
        tasks.get(file).add(new Task("six tokens at random", random, LookupCommand::anyPrompt));
        if (successorModel.isPresent() || model.isEmpty()) {
            Path successors = successorModel.isPresent()
                    ? successorModel.get()
                    : ForgedModel.get(ModelShapes.qwen25With500M().withSuccessor());
            memory.requireFits(successors, context);
            tasks.computeIfAbsent(successors, _ -> new ArrayList<>())
                    .add(new Task("a text is edited", SamplerOptions.greedy(), this::textThatIsEdited));
        }
        if (draftModel.isPresent()) {
            memory.requireFits(draftModel.get(), context);
        }
        List<Row> rows = new ArrayList<>();
        ServiceOptions plain =
                ServiceOptions.builder().context(context).promptLookup(false).build();
        long answers = tasks.values().stream().mapToLong(List::size).sum() * (repetitions + 1);
        try (Progress progress = output.progress("lookup", answers)) {
            for (Map.Entry<Path, List<Task>> entry : tasks.entrySet()) {
                try (Services services = new Services(entry.getKey(), plain)) {
                    for (Task task : entry.getValue()) {
                        rows.addAll(measure(entry.getKey(), machine, task, services.byGuesses, progress));
                    }
                }
            }
        }
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(rows);
                    case JSONL -> Report.jsonl(rows);
                    case CSV -> Report.csv(rows);
                    case MD -> MarkdownHead.machine(machine) + "\n" + table(rows);
                });
        return 0;
    }

    private List<Row> measure(
            Path file, Machine machine, Task task, Map<String, InferenceService> services, Progress progress) {
        String start = LlamaBenchNames.testTime(Instant.now());
        List<Contender> contenders = services.entrySet().stream()
                .map(entry -> new Contender(entry.getKey(), entry.getValue()))
                .toList();
        for (int round = 0; round <= repetitions; round++) {
            progress.part(task.name(), " round %d of %d".formatted(round, repetitions));
            for (Contender contender : round % 2 == 0 ? contenders : contenders.reversed()) {
                answer(contender, task, round);
            }
            progress.advance(1);
        }
        Contender plain = contenders.getFirst();
        return contenders.stream()
                .skip(1)
                .map(guessing -> row(file, machine, task, plain, guessing, start))
                .toList();
    }

    private Row row(Path file, Machine machine, Task task, Contender plain, Contender guessing, String start) {
        ServiceStatistics before = guessing.before;
        ServiceStatistics after = guessing.service.statistics();
        return new Row(
                file.toString(),
                task.name(),
                guessing.name,
                plain.speeds,
                guessing.speeds,
                PairedRatio.of(guessing.speeds, plain.speeds).median(),
                after.draftedTokens() - before.draftedTokens(),
                after.acceptedTokens() - before.acceptedTokens(),
                IntStream.rangeClosed(0, repetitions)
                        .allMatch(i -> Arrays.equals(plain.answers.get(i), guessing.answers.get(i))),
                start,
                machine,
                CommandText.of(spec));
    }

    private static int[] anyPrompt(int round, int vocabularySize) {
        return IntStream.range(0, 32).map(i -> 20 + (i * 7 + round * 31) % 200).toArray();
    }

    /** The answer, but for some tokens, and its beginning once more; other tokens in each round, if there are enough. */
    private int[] textThatIsEdited(int round, int vocabularySize) {
        int texts = (vocabularySize - FIRST_WORD) / CONTEXT;
        int first = texts < 1 ? FIRST_LETTER : FIRST_WORD + round % texts * CONTEXT;
        return IntStream.rangeClosed(0, gen)
                .map(i -> i == gen || i % EDITED == EDITED - 1 ? first : first + i)
                .toArray();
    }

    private void answer(Contender contender, Task task, int round) {
        GenerationRequest request = GenerationRequest.builder(task.prompt()
                        .of(round, contender.service.model().vocabulary().size()))
                .options(GenerationOptions.builder()
                        .sampler(task.sampling().toBuilder().seed(round).build())
                        .maxTokens(gen)
                        .ignoreEndOfGeneration(true)
                        .build())
                .build();
        GenerationResult result = contender.service.submit(request).await().getFirst();
        contender.answers.add(result.tokens());
        if (round > 0) {
            contender.speeds.add(result.timings().tokensPerSecond());
        }
    }

    private static String table(List<Row> rows) {
        MarkdownTable table = new MarkdownTable()
                .text("task")
                .text("guesses")
                .number("without, tok/s")
                .number("with, tok/s")
                .number("with / without")
                .number("guessed")
                .number("right")
                .text("same tokens");
        for (Row row : rows) {
            table.row(
                    row.task(),
                    row.guesses(),
                    MarkdownTable.number(Statistics.median(Statistics.doubles(row.plainTs())), 1),
                    MarkdownTable.number(Statistics.median(Statistics.doubles(row.guessingTs())), 1),
                    MarkdownTable.number(row.medianRatio(), 2),
                    String.valueOf(row.drafted()),
                    String.valueOf(row.accepted()),
                    row.sameOutput() ? "yes" : "no");
        }
        return table.toString();
    }
}
