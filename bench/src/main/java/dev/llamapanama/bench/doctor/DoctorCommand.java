package dev.llamapanama.bench.doctor;

import dev.llamapanama.bench.machine.CpuTopology;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.KernelStatus;
import dev.llamapanama.engine.KernelThresholds;
import dev.llamapanama.engine.LlamaException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.NativeLibraryException;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.TextGenerator;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code doctor}: whether this machine is used as it could be. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Tells which libraries, instructions and kernels are used on this machine, and what could be better.",
            "Computes an answer of a tiny model with random weights, to see that they work. Exit code 1 if they do not."
        })
public final class DoctorCommand implements Callable<Integer> {
    private static final Path ROOT = Path.of("/");
    private static final double GIB = 1 << 30;
    private static final String PROMPT = "one two three four five six seven eight nine ten ".repeat(3);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        List<Finding> findings = findings();
        PrintWriter out = spec.commandLine().getOut();
        findings.forEach(finding -> out.printf("%-6s  %-12s  %s%n", finding.level(), finding.what(), finding.text()));
        out.flush();
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAILED) ? 1 : 0;
    }

    private static List<Finding> findings() throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("java", Runtime.version() + ", " + System.getProperty("java.vm.name")));
        Backend backend;
        try {
            backend = Backend.load();
        } catch (NativeLibraryException e) {
            findings.add(Finding.failed("libraries", String.valueOf(e.getMessage())));
            return findings;
        }
        findings.add(Finding.ok(
                "libraries",
                "llama.cpp %s, %s build, %s, in %s"
                        .formatted(
                                backend.llamaCppVersion(),
                                backend.profile(),
                                backend.openMp() ? "OpenMP" : "ggml's own threads",
                                backend.directory())));
        findings.add(instructions(backend));
        findings.add(threads());
        findings.add(memory());
        findings.add(memoryNodes());
        try {
            findings.addAll(computation(backend));
        } catch (IOException e) {
            findings.add(Finding.failed("computation", "no model could be made: " + e));
        }
        return findings;
    }

    private static Finding instructions(Backend backend) {
        String used = CpuTopology.ofThisMachine().model() + ": " + String.join(" ", backend.features());
        List<String> unused = CpuFlags.unused(ROOT, backend.features());
        return unused.isEmpty()
                ? Finding.ok("instructions", used)
                : Finding.hint(
                        "instructions",
                        "%s; the CPU has %s too: build the libraries on this machine"
                                .formatted(used, String.join(" ", unused)));
    }

    private static Finding threads() {
        int hardware = Runtime.getRuntime().availableProcessors();
        return Finding.ok(
                "threads",
                "%d by default, one for each physical core; %d hardware threads may be used"
                        .formatted(Backend.defaultThreads(), hardware));
    }

    private static Finding memory() {
        CpuTopology machine = CpuTopology.ofThisMachine();
        return Finding.ok("memory", "%.1f GiB".formatted(machine.memoryBytes() / GIB));
    }

    private static Finding memoryNodes() {
        int nodes = 0;
        while (Files.isDirectory(ROOT.resolve("sys/devices/system/node/node" + nodes))) {
            nodes++;
        }
        return nodes < 2
                ? Finding.ok("memory nodes", "one")
                : Finding.hint(
                        "memory nodes",
                        nodes
                                + ": set Backend.numa before the first model is loaded, or start one process for each node");
    }

    /** A prompt is long enough that kernels of our own take its products. */
    private static List<Finding> computation(Backend backend) throws IOException, InterruptedException {
        Path file = ForgedModel.get(TinyModels.llama().toBuilder()
                .embeddingLength(256)
                .headLength(64)
                .feedForwardLength(512)
                .weights(WeightFormat.Q8_0)
                .build());
        long before = backend.kernels().operations();
        GenerationResult answer;
        try (Model model = Model.load(file);
                TextGenerator generator = TextGenerator.create(
                        model, ContextOptions.builder().contextLength(512).build())) {
            answer = generator.complete(
                    PROMPT,
                    GenerationOptions.builder()
                            .sampler(SamplerOptions.greedy())
                            .maxTokens(8)
                            .ignoreEndOfGeneration(true)
                            .build());
        } catch (LlamaException e) {
            return List.of(Finding.failed("computation", String.valueOf(e.getMessage())));
        }
        KernelStatus kernels = backend.kernels();
        long taken = kernels.operations() - before;
        String tokens = "%d tokens of a prompt and %d of an answer"
                .formatted(answer.timings().promptTokens(), answer.timings().generatedTokens());
        Finding kernelFinding;
        if (!kernels.active()) {
            kernelFinding = Finding.hint("kernels", "llama.cpp's own: " + kernels.description());
        } else if (taken == 0) {
            kernelFinding = Finding.failed("kernels", kernels.description() + ", but they computed nothing");
        } else {
            kernelFinding = Finding.ok("kernels", "%s; %d operations of that".formatted(kernels.description(), taken));
        }
        List<Finding> result = new ArrayList<>(List.of(Finding.ok("computation", tokens), kernelFinding));
        for (KernelThresholds thresholds : kernels.thresholds()) {
            result.add(Finding.ok("kernels", from(thresholds)));
        }
        return result;
    }

    static String from(KernelThresholds thresholds) {
        return "%s, as measured: small matrices %s, large %s, experts %s"
                .formatted(
                        thresholds.weights(),
                        from(thresholds.small()),
                        from(thresholds.large()),
                        from(thresholds.experts()));
    }

    private static String from(int tokens) {
        return tokens == Integer.MAX_VALUE ? "never" : "from " + tokens + (tokens == 1 ? " token" : " tokens");
    }
}
