package dev.llamapanama.bench.plan;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.NestedOutput;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.limits.ModelCost;
import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.model.ShapeConverter;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.bench.throughput.StandardRun;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.gguf.forge.ModelShapes;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code plan}: what another machine might do. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Projects on paper how fast a model might run on a machine that is not here, beside public measurements.",
            "The defaults are an EPYC 9454P (48 Zen 4 cores, 12 channels of DDR5-4800) and Qwen3-30B-A3B in Q8_0.",
            "The bound is what memory bandwidth and multiplication units allow; the range comes from the shares of such"
                    + " bounds that this machine reaches, measured now, and that public measurements reached."
        })
public final class PlanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--cores",
            defaultValue = "48",
            paramLabel = "N",
            description = "Physical cores (default: ${DEFAULT-VALUE}).")
    private int cores;

    @Option(
            names = "--ghz",
            defaultValue = "2.75",
            paramLabel = "GHZ",
            description =
                    "Clock of all cores at work, in GHz (default: ${DEFAULT-VALUE}, the base clock of the EPYC 9454P).")
    private double ghz;

    @Option(
            names = "--channels",
            defaultValue = "12",
            paramLabel = "N",
            description = "Memory channels of 64 bits, all filled (default: ${DEFAULT-VALUE}).")
    private int channels;

    @Option(
            names = "--memory-speed",
            defaultValue = "4800",
            paramLabel = "MT/S",
            description = "Mega-transfers per second of each channel (default: ${DEFAULT-VALUE}).")
    private double memorySpeed;

    @Option(
            names = "--attainable",
            defaultValue = "0.8",
            paramLabel = "SHARE",
            description =
                    "What part of channels times speed the cores can read, above 0 and at most 1 (default: ${DEFAULT-VALUE}).")
    private double attainable;

    @Option(
            names = "--bandwidth",
            paramLabel = "GB/S",
            description =
                    "Memory bandwidth that was measured there, in 10^9 bytes per second, in place of channels and speed"
                            + " (default: it is computed from these).")
    private Optional<Double> bandwidth = Optional.empty();

    @Option(
            names = "--avx512",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether there is AVX-512; without it there are neither 512-bit units nor BF16 (default: yes).")
    private boolean avx512;

    @Option(
            names = "--unit-bits",
            defaultValue = "256",
            paramLabel = "256|512",
            description =
                    "Width in bits of the two multiplication units of a core: 256 for Zen 4, which takes AVX-512 in halves,"
                            + " 512 for Zen 5 and Intel Xeon (default: ${DEFAULT-VALUE}).")
    private int unitBits;

    @Option(
            names = "--vnni",
            negatable = true,
            fallbackValue = "true",
            description = "Whether one instruction multiplies bytes and adds the products (default: as --avx512).")
    private Optional<Boolean> vnni = Optional.empty();

    @Option(
            names = "--bf16",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether there is an instruction for BF16 (default: yes).")
    private boolean bf16;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = "Model file, of which only the header is read (default: --shape).")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--shape",
            converter = ShapeConverter.class,
            completionCandidates = ShapeConverter.Names.class,
            paramLabel = "NAME",
            description = "A published model in place of a file: ${COMPLETION-CANDIDATES} (default: qwen3-30b-a3b).")
    private Optional<ModelSpec> shape = Optional.empty();

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            description = "Format of the weights of --shape: ${COMPLETION-CANDIDATES} (default: Q8_0).")
    private Optional<WeightFormat> weights = Optional.empty();

    @Option(
            names = {"-p", "--prompt"},
            defaultValue = "512",
            paramLabel = "N",
            description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
    private int prompt;

    @Option(
            names = {"-n", "--gen"},
            defaultValue = "128",
            paramLabel = "N",
            description = "Tokens to generate (default: ${DEFAULT-VALUE}).")
    private int gen;

    @Option(
            names = {"-d", "--depth"},
            defaultValue = "0",
            paramLabel = "N",
            description = "Tokens that are in the context before (default: ${DEFAULT-VALUE}).")
    private int depth;

    @Option(
            names = {"-k", "--kv-type"},
            defaultValue = "f16",
            paramLabel = "TYPE",
            description = "How keys and values are stored: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private KvType kvType;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description =
                    "Take this machine's shares from a file that throughput wrote as json (default: they are measured now).")
    private Optional<Path> from = Optional.empty();

    @Option(
            names = "--published-only",
            description = "Take the shares from public measurements alone (default: this machine's, too).")
    private boolean publishedOnly;

    @Mixin
    private NestedOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        List<Efficiency> given = from.isPresent() ? given(from.get()) : List.of();
        ModelCost cost = cost();
        TargetMachine target = target();
        List<Efficiency> measured = from.isPresent() || publishedOnly ? given : measure();
        List<Published> rows = Published.all();
        List<Efficiency> published = Efficiency.published(rows, attainable);
        Plan plan = new Plan(
                Plan.NATURE,
                target,
                cost.name(),
                cost.weightBytes(),
                cost.activeWeights(),
                cost.kvBytesPerPosition(kvType),
                projections(cost, target.roofline(), measured, published),
                assumptions(cost, published),
                Stream.concat(measured.stream(), published.stream()).toList(),
                rows);
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(plan);
                    case JSONL -> Report.jsonl(List.of(plan));
                    case MD -> PlanReport.of(plan);
                });
        return 0;
    }

    private void check() {
        Arguments.require(spec, cores >= 1, "--cores must be 1 or more");
        Arguments.require(spec, ghz > 0 && ghz < 100, "--ghz must be above 0 and below 100");
        Arguments.require(spec, channels >= 1, "--channels must be 1 or more");
        Arguments.require(spec, memorySpeed > 0, "--memory-speed must be above 0");
        Arguments.require(spec, attainable > 0 && attainable <= 1, "--attainable must be above 0 and at most 1");
        Arguments.require(spec, bandwidth.orElse(1.0) > 0, "--bandwidth must be above 0");
        Arguments.require(spec, unitBits == 256 || unitBits == 512, "--unit-bits must be 256 or 512");
        Arguments.require(spec, avx512 || unitBits == 256, "--unit-bits 512 needs --avx512");
        Arguments.require(spec, prompt >= 1, "--prompt must be 1 or more");
        Arguments.require(spec, gen >= 1, "--gen must be 1 or more");
        Arguments.require(spec, depth >= 0, "--depth must be 0 or more");
        Arguments.require(
                spec,
                model.isEmpty() || shape.isEmpty() && weights.isEmpty(),
                "Give --model, or --shape and --weights");
        Arguments.require(spec, from.isEmpty() || !publishedOnly, "Give --from or --published-only");
        model.ifPresent(file -> Arguments.requireModel(spec, file));
    }

    private ModelCost cost() throws IOException {
        ModelCost cost;
        try {
            cost = model.isPresent() ? costOfFile(model.get()) : costOfShape();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Arguments.require(
                spec,
                cost.covers(depth, prompt) || cost.covers(depth, gen),
                cost.name() + ": its sliding window of " + cost.slidingWindow()
                        + " tokens ends before the context does, and"
                        + " what its layers read then is not known here; choose a smaller --depth, --prompt or --gen");
        return cost;
    }

    private static ModelCost costOfFile(Path file) throws IOException {
        return ModelCost.of(file)
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": the formulas of this projection do not fit its architecture; choose a model that"
                                + " generates text from keys and values that are not compressed"));
    }

    private ModelCost costOfShape() {
        ModelSpec published = shape.orElseGet(ModelShapes::qwen3With30BActive3B);
        return ModelCost.of(published.withWeights(weights.orElse(WeightFormat.Q8_0)));
    }

    private TargetMachine target() {
        double bytes = bandwidth
                .map(gigabytes -> gigabytes * 1e9)
                .orElseGet(() -> attainable * TargetMachine.theoreticalBandwidth(channels, memorySpeed));
        return new TargetMachine(cores, ghz, bytes, unitBits, vnni.orElse(avx512), bf16 && avx512);
    }

    private List<Efficiency> given(Path file) {
        List<Efficiency> given;
        try {
            given = Efficiency.measured(Report.parseJson(Arguments.requireText(spec, file)));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + " is no json file of throughput (--from)", e);
        }
        Arguments.require(
                spec,
                !given.isEmpty(),
                file + " has no row with a ceiling; make it with throughput --format json (--from)");
        return given;
    }

    private List<Efficiency> measure() throws IOException, InterruptedException {
        Path file = ForgedModel.standard();
        try (Progress progress = output.progress("measure this machine", 8)) {
            List<BenchResult> results = StandardRun.measure(file, progress);
            return Efficiency.measured(results);
        }
    }

    private List<Projection> projections(
            ModelCost cost, Roofline roofline, List<Efficiency> measured, List<Efficiency> published) {
        List<Projection> projections = new ArrayList<>();
        Efficiency.Kind kind = cost.usesExperts() ? Efficiency.Kind.EXPERTS : Efficiency.Kind.DENSE;
        roofline.multiplying(cost, depth, prompt, 1)
                .flatMap(bound -> Projection.of(
                        TestSpec.name(prompt, 0, depth), bound, Efficiency.Phase.PROMPT, kind, measured, published))
                .ifPresent(projections::add);
        roofline.generating(cost, depth, gen, kvType)
                .flatMap(bound -> Projection.of(
                        TestSpec.name(0, gen, depth), bound, Efficiency.Phase.GENERATION, kind, measured, published))
                .ifPresent(projections::add);
        return projections;
    }

    private List<String> assumptions(ModelCost cost, List<Efficiency> published) {
        List<String> assumptions = new ArrayList<>(List.of(
                "Shares of a bound carry over from one machine to another. They seldom do: more cores wait longer for each"
                        + " other, and the cores of one chip cannot draw the bandwidth of the whole socket.",
                "One socket, one process, a thread on each physical core, all memory local, and nothing else running.",
                bandwidth.isPresent()
                        ? "The cores read at the bandwidth given, whatever the number of memory channels."
                        : "The cores read %s %% of %d channels of %s MT/s (%s GB/s); --attainable or --bandwidth change it."
                                .formatted(
                                        MarkdownTable.number(100 * attainable, 0),
                                        channels,
                                        MarkdownTable.number(memorySpeed, 0),
                                        MarkdownTable.number(
                                                TargetMachine.theoreticalBandwidth(channels, memorySpeed) / 1e9, 1)),
                "Each core starts two multiplications of %d bits in each cycle, all cores at %s GHz."
                        .formatted(unitBits, MarkdownTable.number(ghz, 2)),
                "A generated token reads each weight that it uses once, and of each matrix of experts only those used.",
                "Published figures were made with other versions of llama.cpp; their processors are taken at their base"
                        + " clock."));
        published.stream()
                .filter(e -> e.phase() == Efficiency.Phase.GENERATION && e.kind() == Efficiency.Kind.EXPERTS)
                .findFirst()
                .ifPresent(e ->
                        assumptions.add(("A bound from bandwidth alone is far too high for mixtures of experts: \"%s\""
                                        + " is %s %% of the theoretical bandwidth.")
                                .formatted(e.source(), MarkdownTable.number(100 * e.share() * attainable, 0))));
        Stream.of(prompt, gen)
                .filter(tokens -> !cost.covers(depth, tokens))
                .forEach(tokens -> assumptions.add(
                        "Nothing is said of tests that end beyond the model's sliding window of %d tokens: %d after %d."
                                .formatted(cost.slidingWindow(), tokens, depth)));
        return assumptions;
    }
}
