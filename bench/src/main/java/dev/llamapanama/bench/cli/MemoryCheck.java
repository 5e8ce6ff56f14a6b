package dev.llamapanama.bench.cli;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.MemoryEstimate;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Refuses models that do not fit into memory, before they are loaded; and the option that lets them pass. */
public final class MemoryCheck {
    private static final double GIB = 1 << 30;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--force",
            description =
                    "Go on with a model that does not fit into the memory that is available: weights, keys and values, and"
                            + " what computing takes. Its weights are then read from the disk again for each token"
                            + " (default: it is refused).")
    private boolean force;

    /** Whether {@code --force} is given. */
    public boolean isForced() {
        return force;
    }

    /**
     * Does nothing if a model with one such context fits, or {@code --force} is given.
     *
     * @throws ParameterException if it does not, or if the model cannot have such a context at all
     */
    public void requireFits(Path model, ContextOptions options) {
        MemoryEstimate estimate = estimate(model, options);
        if (force) {
            return;
        }
        long available = MemoryEstimate.availableBytes();
        Arguments.require(
                command,
                estimate.totalBytes() <= available,
                String.format(
                        Locale.ROOT,
                        "%s does not fit into memory: about %.1f GiB (weights %.1f, keys and values of %d tokens %.1f, computing %.1f),"
                                + " but %.1f GiB are available; choose a smaller model, a shorter context or a smaller"
                                + " --kv-type, or give --force",
                        model,
                        estimate.totalBytes() / GIB,
                        estimate.weightBytes() / GIB,
                        options.contextLength(),
                        estimate.contextBytes() / GIB,
                        estimate.computeBytes() / GIB,
                        available / GIB));
    }

    private MemoryEstimate estimate(Path model, ContextOptions options) {
        try {
            return MemoryEstimate.of(model, options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
