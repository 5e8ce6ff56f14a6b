package dev.llamapanama.bench.embeddings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.OracleTools;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.requests.LlamaServer;
import dev.llamapanama.bench.statistics.MedianInterval;
import dev.llamapanama.bench.statistics.PairedRatio;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.embedding.Embedder;
import dev.llamapanama.engine.embedding.EmbedderOptions;
import dev.llamapanama.engine.embedding.PackingOptions;
import dev.llamapanama.engine.embedding.TextEmbedding;
import dev.llamapanama.engine.embedding.Vectors;
import dev.llamapanama.gguf.forge.ModelShapes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code embeddings}: how many documents are embedded per second. */
@Command(
        name = "embeddings",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Embeds batches of documents with the engine's Embedder and with llama-server's /v1/embeddings, in turn, and"
                    + " compares speeds and vectors.",
            "Documents are random words of a to z; the server gets a batch in one request."
        })
public final class EmbeddingsCommand implements Callable<Integer> {
    private static final String SERVER = "llama-server";
    private static final JsonMapper JSON = new JsonMapper();

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description =
                    "Model file (GGUF) that makes embeddings. Default: random weights in the shape of bge-base-en-v1.5 in"
                            + " Q8_0, made on first use (about 0.1 GB in the user's cache).")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = {"-d", "--documents"},
            defaultValue = "32",
            paramLabel = "N",
            description = "Documents of a batch (default: ${DEFAULT-VALUE}).")
    private int documents;

    @Option(
            names = {"-w", "--words"},
            defaultValue = "10",
            paramLabel = "N",
            description =
                    "The mean number of words in a document; each has half to twice as many (default: ${DEFAULT-VALUE}).")
    private int words;

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            description = "Most tokens that documents share a decode up to (default: the Embedder's own).")
    private Optional<Integer> batchTokens = Optional.empty();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "6",
            paramLabel = "N",
            description = "Pairs of batches, after one that warms up (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--llama-server",
            paramLabel = "FILE",
            description = "The program (default: the one that mvn -Poracle built).")
    private Optional<Path> program = Optional.empty();

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    /**
     * The result, as a row.
     *
     * @param documents in a batch
     * @param tokens of the last batch
     * @param engineDs documents per second of the engine, in each pair
     * @param serverDs of the server
     * @param ratioLow lower end of the 95 % interval of the median ratio; null where there are too few pairs
     * @param mostDistance the largest cosine distance of two vectors of one document, 0 to 2
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Row(
            String model,
            int documents,
            int tokens,
            List<Double> engineDs,
            List<Double> serverDs,
            double medianRatio,
            @Nullable Double ratioLow,
            @Nullable Double ratioHigh,
            double mostDistance,
            int threads,
            String testTime,
            Machine machine,
            String command) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        model.ifPresent(file -> Arguments.requireModel(spec, file));
        Arguments.require(spec, documents >= 1, "--documents must be 1 or more");
        Arguments.require(spec, words >= 1, "--words must be 1 or more");
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, batchTokens.orElse(1) >= 1, "--batch-tokens must be 1 or more");
        Arguments.require(spec, threads.orElse(1) >= 1, "--threads must be 1 or more");
        Path server = OracleTools.require(spec, SERVER, "--llama-server", program);
        Path file = model.isPresent() ? model.get() : ForgedModel.get(ModelShapes.bgeBase());
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        ContextOptions context = ContextOptions.builder()
                .threads(threadCount)
                .batchThreads(threadCount)
                .embeddings(true)
                .build();
        memory.requireFits(file, context.toBuilder().contextLength(8192).build());
        Machine machine = Machine.of(Backend.load());
        Row row = measure(file, server, context, machine);
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(List.of(row));
                    case JSONL -> Report.jsonl(List.of(row));
                    case CSV -> Report.csv(List.of(row));
                    case MD -> MarkdownHead.machine(machine) + "\n" + table(row);
                });
        return 0;
    }

    private Row measure(Path file, Path program, ContextOptions context, Machine machine)
            throws IOException, InterruptedException {
        PackingOptions packing = PackingOptions.defaults().withContext(context);
        if (batchTokens.isPresent()) {
            packing = packing.withBatchTokens(batchTokens.get());
        }
        String start = LlamaBenchNames.testTime(Instant.now());
        SplittableRandom random = new SplittableRandom(1);
        List<Double> engineSpeeds = new ArrayList<>();
        List<Double> serverSpeeds = new ArrayList<>();
        double distance = 0;
        int tokens = 0;
        try (Progress progress = output.progress("embeddings", repetitions + 1L);
                Model loaded = Model.load(file);
                Embedder embedder = Embedder.create(
                        loaded, EmbedderOptions.builder().packing(packing).build());
                LlamaServer server = new LlamaServer(program, serverArguments(file, embedder, context))) {
            for (int round = 0; round <= repetitions; round++) {
                progress.part("batch", " %d of %d".formatted(round, repetitions));
                List<String> texts = texts(random);
                Timed<List<TextEmbedding>> ours = null;
                Timed<List<float[]>> theirs = null;
                for (boolean engine : round % 2 == 0 ? new boolean[] {true, false} : new boolean[] {false, true}) {
                    if (engine) {
                        ours = time(() -> embedder.embed(texts));
                    } else {
                        theirs = time(() -> ask(server, texts));
                    }
                }
                if (ours == null || theirs == null) {
                    throw new AssertionError("both were measured");
                }
                for (int i = 0; i < documents; i++) {
                    distance = Math.max(
                            distance, 1 - Vectors.cosine(ours.value.get(i).vector(), theirs.value.get(i)));
                }
                tokens = ours.value.stream().mapToInt(TextEmbedding::tokens).sum();
                if (round > 0) {
                    engineSpeeds.add(documents / ours.seconds);
                    serverSpeeds.add(documents / theirs.seconds);
                }
                progress.advance(1);
            }
        }
        PairedRatio ratio = PairedRatio.of(engineSpeeds, serverSpeeds);
        return new Row(
                file.toString(),
                documents,
                tokens,
                engineSpeeds,
                serverSpeeds,
                ratio.median(),
                ratio.interval().map(MedianInterval::low).orElse(null),
                ratio.interval().map(MedianInterval::high).orElse(null),
                distance,
                context.threads(),
                start,
                machine,
                CommandText.of(spec));
    }

    /** What took so long. */
    private record Timed<T>(T value, double seconds) {}

    private interface Work<T> {
        T run() throws IOException, InterruptedException;
    }

    private static <T> Timed<T> time(Work<T> work) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        T value = work.run();
        return new Timed<>(value, (System.nanoTime() - begin) * 1e-9);
    }

    private static List<String> serverArguments(Path file, Embedder embedder, ContextOptions context) {
        String length = String.valueOf(embedder.maxTokens());
        return List.of(
                "--model",
                file.toString(),
                "--embeddings",
                "--ctx-size",
                length,
                "--batch-size",
                length,
                "--ubatch-size",
                length,
                "--threads",
                String.valueOf(context.threads()));
    }

    private static List<float[]> ask(LlamaServer server, List<String> texts) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        body.set("input", JSON.valueToTree(texts));
        JsonNode answer;
        try (InputStream in = server.post("/v1/embeddings", JSON.writeValueAsBytes(body))) {
            answer = JSON.readTree(in);
        }
        List<float[]> vectors = new ArrayList<>();
        for (JsonNode element : answer.get("data")) {
            vectors.add(JSON.treeToValue(element.get("embedding"), float[].class));
        }
        return vectors;
    }

    private List<String> texts(SplittableRandom random) {
        return IntStream.range(0, documents)
                .mapToObj(_ -> IntStream.range(0, (words + 1) / 2 + random.nextInt(words * 3 / 2 + 1))
                        .mapToObj(_ -> word(random))
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private static String word(SplittableRandom random) {
        return random.ints(1 + random.nextInt(8), 'a', 'z' + 1)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static String table(Row row) {
        MarkdownTable table = new MarkdownTable()
                .number("documents")
                .number("engine, documents/s")
                .number("llama-server, documents/s")
                .number("ratio (95 %)")
                .number("largest cosine distance");
        table.row(
                String.valueOf(row.documents()),
                MarkdownTable.number(Statistics.median(Statistics.doubles(row.engineDs())), 1),
                MarkdownTable.number(Statistics.median(Statistics.doubles(row.serverDs())), 1),
                PairedRatio.of(row.engineDs(), row.serverDs()).toString(),
                MarkdownTable.number(row.mostDistance(), 7));
        return table.toString();
    }
}
