package dev.llamapanama.bench.forge;

import dev.llamapanama.bench.model.ForgedModel;
import dev.llamapanama.bench.model.ShapeConverter;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code forge}: a model with random weights. */
@Command(
        name = "forge",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a model file (GGUF) with random weights in the shape of a published model, and prints its path.",
            "It has the size and the speed of the real one, and writes nonsense. Same arguments, same bytes."
        })
public final class ForgeCommand implements Callable<Integer> {
    private static final long MIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--shape",
            converter = ShapeConverter.class,
            completionCandidates = ShapeConverter.Names.class,
            defaultValue = "qwen2.5-0.5b",
            paramLabel = "NAME",
            description = "The model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ModelSpec shape;

    @Option(
            names = "--weights",
            defaultValue = "Q8_0",
            paramLabel = "FORMAT",
            description = "How weights are stored: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private WeightFormat weights;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Fewer layers than the model has, or more (default: as many).")
    private Optional<Integer> layers;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the weights; another seed, other weights (default: always the same).")
    private Optional<Long> seed;

    @Option(
            names = "--successor",
            description = "What the model writes is known: after token t comes t + 1. It computes as much as any other"
                    + " (default: it writes anything).")
    private boolean successor;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "The file, which appears whole at the end (default: one in the user's cache, kept for the next"
                            + " time).")
    private Optional<Path> out;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ModelSpec model = model();
        if (out.isPresent()) {
            Path file = out.get().toAbsolutePath();
            checkFolder(file.getParent(), model);
            ForgedModel.write(model, file);
            spec.commandLine().getOut().println(out.get());
        } else {
            spec.commandLine().getOut().println(ForgedModel.get(model));
        }
        return 0;
    }

    private ModelSpec model() {
        try {
            ModelSpec model = shape.withWeights(weights);
            model = layers.isPresent() ? model.withLayers(layers.get()) : model;
            model = successor ? model.withSuccessor() : model;
            return seed.isPresent() ? model.withSeed(seed.get()) : model;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void checkFolder(Path folder, ModelSpec model) throws IOException {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new ParameterException(
                    spec.commandLine(), "No folder that can be written to at " + folder + " (--out)");
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        long needed = ModelForge.tensorBytes(model);
        if (needed > free) {
            throw new ParameterException(
                    spec.commandLine(),
                    "The file needs %d MiB, and %s has %d MiB left (--out)"
                            .formatted(needed / MIB, folder, free / MIB));
        }
    }
}
