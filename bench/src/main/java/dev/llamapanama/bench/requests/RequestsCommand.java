package dev.llamapanama.bench.requests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.IntegerList;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.OracleTools;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.cli.RowsOutput;
import dev.llamapanama.bench.compare.ChildProcess;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.LlamaBenchNames;
import dev.llamapanama.bench.report.MarkdownHead;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code requests}: many requests at once. */
@Command(
        name = "requests",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends requests to the engine's service, as a server gets them, and measures speed, time to first token (TTFT)"
                    + " and the time between tokens (ITL).",
            "Four scenes: so many requests at the same moment; a long prompt that arrives while four answers are being"
                    + " generated; two prompts that begin alike; a long prompt that is given up while it is computed, and"
                    + " what the next request waits then.",
            "With --against llama-server, the same requests also go to llama.cpp's own server, over HTTP; the targets take"
                    + " turns, each in a process of its own."
        })
public final class RequestsCommand implements Callable<Integer> {
    static final String ENGINE = "engine";
    static final String ENGINE_WITHOUT_KERNELS = "engine, kernels off";
    static final String SERVER = "llama-server";

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_REQUESTS = 128;
    private static final int BATCH = 2048;
    private static final int UBATCH = 512;
    private static final int SLACK = 256; // tokens of KV memory that no scene needs
    private static final int WARM_UPS = 2; // the JVM compiles what answers run through

    /** Programs to compare with. */
    enum Peer {
        LLAMA_SERVER;

        @Override
        public String toString() {
            return SERVER;
        }
    }

    /** What to measure. */
    enum SceneName {
        STREAMS,
        ARRIVAL,
        PREFIX,
        CANCEL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

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
            names = "--scenes",
            split = ",",
            defaultValue = "streams,arrival,prefix,cancel",
            paramLabel = "SCENE",
            description = "What to measure: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<SceneName> sceneNames = new ArrayList<>();

    @Option(
            names = {"-s", "--streams"},
            converter = IntegerList.Converter.class,
            defaultValue = "1,4,16",
            paramLabel = "N",
            description = "Requests at the same moment in the scene streams, at most 128 (default: ${DEFAULT-VALUE}).")
    private IntegerList streams;

    @Option(
            names = {"-p", "--prompt"},
            defaultValue = "128",
            paramLabel = "N",
            description = "Tokens of their prompts (default: ${DEFAULT-VALUE}).")
    private int prompt;

    @Option(
            names = {"-n", "--gen"},
            defaultValue = "64",
            paramLabel = "N",
            description = "Tokens of their answers (default: ${DEFAULT-VALUE}).")
    private int gen;

    @Option(
            names = "--long-prompt",
            defaultValue = "2000",
            paramLabel = "N",
            description = "Tokens of the long prompt in the scenes arrival and cancel (default: ${DEFAULT-VALUE}).")
    private int longPrompt;

    @Option(
            names = "--shared",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Tokens that the prompts of the scene prefix have in common (default: ${DEFAULT-VALUE}).")
    private int shared;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "3",
            paramLabel = "N",
            description =
                    "Rounds; each target plays all scenes once in each, after a warm-up (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--against",
            paramLabel = "llama-server",
            description = "Measure llama-server too, and the engine without its own kernels (default: this JVM alone).")
    private Optional<Peer> against = Optional.empty();

    @Option(
            names = "--llama-server",
            paramLabel = "FILE",
            description = "The program (default: the one that mvn -Poracle built).")
    private Optional<Path> server = Optional.empty();

    @Option(
            names = "--target",
            hidden = true,
            description = "For the processes that --against starts (default: the engine).")
    private Optional<String> target = Optional.empty();

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private RowsOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        model.ifPresent(file -> Arguments.requireModel(spec, file));
        Optional<Path> program = Optional.empty();
        if (against.isPresent() || target.filter(SERVER::equals).isPresent()) {
            program = Optional.of(OracleTools.require(spec, SERVER, "--llama-server", server));
        }
        Path file = model.isPresent() ? model.get() : ForgedModel.standard();
        List<Scene> scenes = scenes();
        Setup setup = new Setup(
                file,
                context(scenes),
                scenes.stream().mapToInt(Scene::requests).max().orElseThrow());
        memory.requireFits(file, setup.context());
        Machine machine = Machine.of(Backend.load());
        PrintWriter out = spec.commandLine().getOut();
        List<RequestsRow> rows = against.isPresent()
                ? compare(file, program.orElseThrow(), machine, setup)
                : rows(file, machine, setup, target.orElse(ENGINE), List.of(play(setup, scenes, program)));
        output.write(
                out,
                switch (output.format()) {
                    case JSON -> Report.json(rows);
                    case JSONL -> Report.jsonl(rows);
                    case CSV -> Report.csv(rows);
                    case MD -> MarkdownHead.machine(machine) + "\n" + RequestsReport.table(rows);
                });
        return 0;
    }

    private void checkNumbers() {
        Arguments.require(spec, Collections.min(streams.values()) >= 1, "--streams must be 1 or more");
        Arguments.require(
                spec,
                Collections.max(streams.values()) <= MAX_REQUESTS,
                "--streams must be " + MAX_REQUESTS + " or less");
        Arguments.require(spec, prompt >= 1, "--prompt must be 1 or more");
        Arguments.require(spec, gen >= 8, "--gen must be 8 or more");
        Arguments.require(spec, longPrompt >= 1, "--long-prompt must be 1 or more");
        Arguments.require(spec, shared >= 1, "--shared must be 1 or more");
        Arguments.require(spec, repetitions >= 1, "--repetitions must be 1 or more");
        Arguments.require(spec, threads.orElse(1) >= 1, "--threads must be 1 or more");
        Arguments.require(spec, !sceneNames.isEmpty(), "--scenes must name one");
    }

    private List<Scene> scenes() {
        List<Scene> scenes = new ArrayList<>();
        for (SceneName name : sceneNames) {
            switch (name) {
                case STREAMS -> streams.values().forEach(count -> scenes.add(Scene.streams(count, prompt, gen)));
                case ARRIVAL -> scenes.add(Scene.arrival(4, prompt, 4 * gen, longPrompt));
                case PREFIX -> scenes.add(Scene.prefix(shared, 20));
                case CANCEL -> scenes.add(Scene.cancel(longPrompt));
            }
        }
        return scenes;
    }

    private ContextOptions context(List<Scene> scenes) {
        int tokens = scenes.stream().mapToInt(Scene::tokens).max().orElseThrow() + SLACK;
        int threadCount = threads.orElseGet(Backend::defaultThreads);
        return ContextOptions.builder()
                .contextLength((tokens + 255) / 256 * 256)
                .batchSize(BATCH)
                .ubatchSize(UBATCH)
                .threads(threadCount)
                .batchThreads(threadCount)
                .build();
    }

    /** Plays all scenes in this process, after a warm-up: figures by scene. */
    private Map<String, Map<String, Double>> play(Setup setup, List<Scene> scenes, Optional<Path> program)
            throws IOException, InterruptedException {
        boolean serverWanted = target.filter(SERVER::equals).isPresent();
        Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
        try (Target played = serverWanted ? new ServerTarget(program.orElseThrow(), setup) : new ServiceTarget(setup);
                Progress progress = output.progress("requests", 1 + scenes.size())) {
            SplittableRandom random = new SplittableRandom(1);
            progress.part("warm-up", "");
            for (int i = 0; i < WARM_UPS; i++) {
                Scene.streams(4, prompt, gen).play().on(played, random);
            }
            progress.advance(1);
            for (Scene scene : scenes) {
                progress.part(scene.name(), "");
                figures.put(scene.name(), scene.play().on(played, random));
                progress.advance(1);
            }
        }
        return figures;
    }

    /** Each target in a process of its own, in the order A B C, C B A, …. */
    private List<RequestsRow> compare(Path file, Path program, Machine machine, Setup setup)
            throws IOException, InterruptedException {
        Map<String, List<Map<String, Map<String, Double>>>> rounds = new LinkedHashMap<>();
        List<String> targets = List.of(ENGINE, ENGINE_WITHOUT_KERNELS, SERVER);
        targets.forEach(name -> rounds.put(name, new ArrayList<>()));
        try (Progress progress = output.progress("requests", (long) targets.size() * repetitions)) {
            for (int round = 0; round < repetitions; round++) {
                for (String name : round % 2 == 0 ? targets : targets.reversed()) {
                    progress.part(name, " round %d of %d".formatted(round + 1, repetitions));
                    rounds.get(name).add(child(name, file, program));
                    progress.advance(1);
                }
            }
        }
        List<RequestsRow> rows = new ArrayList<>();
        for (String name : targets) {
            rows.addAll(rows(file, machine, setup, name, rounds.get(name)));
        }
        return rows;
    }

    private Map<String, Map<String, Double>> child(String name, Path file, Path program)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("requests", "--quiet", "--format", "jsonl", "--model", file.toString(), "--target", name));
        arguments.addAll(List.of("--llama-server", program.toString()));
        arguments.addAll(List.of(
                "--scenes",
                String.join(",", sceneNames.stream().map(SceneName::toString).toList())));
        arguments.addAll(List.of(
                "--streams",
                String.join(",", streams.values().stream().map(String::valueOf).toList())));
        arguments.addAll(List.of("--prompt", String.valueOf(prompt), "--gen", String.valueOf(gen)));
        arguments.addAll(List.of("--long-prompt", String.valueOf(longPrompt), "--shared", String.valueOf(shared)));
        threads.ifPresent(count -> arguments.addAll(List.of("--threads", String.valueOf(count))));
        if (memory.isForced()) {
            arguments.add("--force");
        }
        List<String> jvm = List.of("-Dllamapanama.kernels=" + (name.equals(ENGINE_WITHOUT_KERNELS) ? "off" : "on"));
        Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
        for (String line : ChildProcess.run(name, ChildProcess.bench(jvm, arguments), Map.of())) {
            JsonNode row = JSON.readTree(line);
            figures.computeIfAbsent(row.get("scene").asText(), _ -> new LinkedHashMap<>())
                    .put(row.get("figure").asText(), row.get("value").asDouble());
        }
        return figures;
    }

    private List<RequestsRow> rows(
            Path file, Machine machine, Setup setup, String name, List<Map<String, Map<String, Double>>> rounds) {
        List<RequestsRow> rows = new ArrayList<>();
        String time = LlamaBenchNames.testTime(Instant.now());
        rounds.getFirst()
                .forEach((scene, figures) -> figures.keySet().forEach(figure -> {
                    List<Double> samples = rounds.stream()
                            .map(round -> round.get(scene).get(figure))
                            .toList();
                    rows.add(new RequestsRow(
                            file.toString(),
                            scene,
                            name,
                            figure,
                            Statistics.median(Statistics.doubles(samples)),
                            samples,
                            setup.context().threads(),
                            time,
                            machine,
                            CommandText.of(spec)));
                }));
        return rows;
    }
}
