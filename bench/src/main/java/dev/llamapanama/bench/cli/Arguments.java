package dev.llamapanama.bench.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of arguments that several commands make, before any work starts. */
public final class Arguments {
    private Arguments() {}

    public static void requireModel(CommandSpec spec, Path model) {
        if (!Files.isReadable(model) || Files.isDirectory(model)) {
            throw new ParameterException(spec.commandLine(), "No readable model file at " + model);
        }
    }

    public static void requireReadable(CommandSpec spec, Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ParameterException(spec.commandLine(), "No readable file at " + file);
        }
    }

    public static void requireWritable(CommandSpec spec, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder) || Files.isDirectory(file)) {
            throw new ParameterException(spec.commandLine(), "Cannot write the file " + file);
        }
    }
}
