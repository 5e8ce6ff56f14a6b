package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.cli.Arguments;
import dev.llamapanama.bench.cli.CommandText;
import dev.llamapanama.bench.cli.MemoryCheck;
import dev.llamapanama.bench.cli.NestedOutput;
import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.launcher.CacheFolder;
import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.TestSpec;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.gguf.forge.ModelShapes;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code variants}: what builds and settings are worth. */
@Command(
        name = "variants",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures builds and settings of the engine in turn, each in a process of its own, and prints the ratio of their"
                    + " speeds to that of the first.",
            "The YAML file names the variants: the first in full, each other one as what it changes. Builds that they name"
                    + " are made by cmake/variants.sh. A build that this CPU cannot run is a row that says so; so is one of"
                    + " bench/variants.yaml that was not made, unless --only names it."
        })
public final class VariantsCommand implements Callable<Integer> {
    private static final String DEFAULT_FILE = "bench/variants.yaml";

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            defaultValue = DEFAULT_FILE,
            paramLabel = "FILE",
            description = "The variants (default: ${DEFAULT-VALUE}).")
    private Path file;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Leave out all variants but these and the first (default: none is left out).")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--builds",
            paramLabel = "FOLDER",
            description = "Where cmake/variants.sh put the builds (default: the folder 'variants' in the cache).")
    private Optional<Path> builds = Optional.empty();

    @Option(
            names = {"-m", "--models", "--model"},
            split = ",",
            paramLabel = "FILE",
            description = "Model files (default: a forged Qwen2.5-0.5B in the formats of --weights).")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--weights",
            split = ",",
            defaultValue = "Q8_0",
            paramLabel = "FORMAT",
            description = "Formats of the forged model, where no model is named: ${COMPLETION-CANDIDATES}"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<WeightFormat> weights;

    @Option(
            names = "--tests",
            split = ",",
            converter = TestSpec.Converter.class,
            defaultValue = "pp512,tg128",
            paramLabel = "TEST",
            description =
                    "What to measure, by llama-bench's names, at a depth too: tg64@d512 (default: ${DEFAULT-VALUE}).")
    private List<TestSpec> tests;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute, where a variant does not say (default: the physical cores).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-r", "--rounds"},
            defaultValue = "6",
            paramLabel = "N",
            description = "Times that each variant is measured (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Mixin
    private MemoryCheck memory;

    @Mixin
    private NestedOutput output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        VariantProcess process = new VariantProcess(
                builds.orElseGet(() -> CacheFolder.path().resolve("variants")),
                threads.orElseGet(Backend::defaultThreads),
                memory.isForced());
        List<Variant> variants = check();
        Map<Variant, String> missing = missing(process, variants);
        ContextOptions largest = largestContext(process.threads());
        List<Path> files = models.isEmpty() ? forged() : models;
        files.forEach(model -> memory.requireFits(model, largest));
        missing.forEach((variant, reason) ->
                spec.commandLine().getErr().println("The variant '" + variant.name() + "' is " + reason));
        List<VariantResult> results = new ArrayList<>();
        long total = files.size() * VariantRounds.processes(variants, tests, rounds);
        try (Progress progress = output.progress("variants", total)) {
            VariantRounds all =
                    new VariantRounds(variants, missing, tests, rounds, CommandText.of(spec), process, progress);
            for (Path model : files) {
                results.addAll(all.measure(model));
            }
        }
        output.write(
                spec.commandLine().getOut(),
                switch (output.format()) {
                    case JSON -> Report.json(results);
                    case JSONL -> Report.jsonl(results);
                    case MD -> VariantTable.of(results);
                });
        return 0;
    }

    private List<Path> forged() throws IOException, InterruptedException {
        List<Path> files = new ArrayList<>();
        for (WeightFormat format : weights) {
            files.add(ForgedModel.get(ModelShapes.qwen25With500M().withWeights(format)));
        }
        return files;
    }

    private List<Variant> check() {
        Arguments.require(spec, rounds >= 1, "--rounds must be 1 or more");
        Arguments.require(spec, threads.orElse(1) >= 1, "--threads must be 1 or more");
        models.forEach(model -> Arguments.requireModel(spec, model));
        try {
            return VariantFile.read(file, only);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "No readable file of variants at " + file + " (--file)");
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * Variants whose build is not there, and why; refused where the user chose them. Nobody needs all builds that the
     * project's own file names.
     */
    private Map<Variant, String> missing(VariantProcess process, List<Variant> variants) {
        Map<Variant, String> missing = new LinkedHashMap<>();
        for (Variant variant : variants) {
            String reason = missing(process, variant);
            if (reason == null) {
                continue;
            }
            boolean chosen = !file.endsWith(DEFAULT_FILE) || !only.isEmpty() || variant.equals(variants.getFirst());
            Arguments.require(spec, !chosen, "The variant '" + variant.name() + "' is " + reason);
            missing.put(variant, reason);
        }
        return missing;
    }

    private static @Nullable String missing(VariantProcess process, Variant variant) {
        String build = variant.build();
        boolean tool = variant.program() == Variant.Program.LLAMA_BENCH;
        if (tool && (build == null || !Files.isExecutable(process.llamaBench(build)))) {
            return "not built, as the build '" + build + "' in " + process.builds()
                    + " has no llama-bench; cmake/variants.sh makes it";
        }
        if (!tool && build != null && !Files.exists(process.libraries(build).resolve("native.properties"))) {
            return "not built, as there is no '" + build + "' in " + process.builds() + "; cmake/variants.sh makes it";
        }
        return null;
    }

    /** That of the longest test, in the settings that no variant changes. */
    private ContextOptions largestContext(int threadCount) {
        long length = tests.stream()
                .mapToLong(test -> (long) test.prompt() + test.gen() + test.depth())
                .max()
                .orElse(0);
        try {
            return ContextOptions.builder()
                    .contextLength(Math.toIntExact(length))
                    .threads(threadCount)
                    .batchThreads(threadCount)
                    .fullSwa(false)
                    .build();
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "No context for --tests: " + e.getMessage(), e);
        }
    }
}
