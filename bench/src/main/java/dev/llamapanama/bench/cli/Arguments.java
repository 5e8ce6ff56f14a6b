package dev.llamapanama.bench.cli;

import dev.llamapanama.gguf.GgufFormatException;
import dev.llamapanama.gguf.GgufModelCheck;
import dev.llamapanama.gguf.GgufParts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Checks of arguments that several commands make, before any work starts. Each throws a {@link ParameterException} whose
 * message is one line: what is wrong, where, and the remedy.
 */
public final class Arguments {
    private Arguments() {}

    /** Whether arguments are as they must be; else {@code message} says how. */
    public static void require(CommandSpec spec, boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    /** A GGUF file, with all its parts, that llama.cpp could load. Reads headers only. */
    public static void requireModel(CommandSpec spec, Path model) {
        require(spec, Files.exists(model), "No model file at " + model + "; check the path");
        require(spec, !Files.isDirectory(model), model + " is a directory; name the GGUF file in it");
        require(spec, Files.isReadable(model), "The model file " + model + " may not be read; check its permissions");
        try {
            GgufModelCheck.require(GgufParts.open(model));
        } catch (GgufFormatException e) {
            throw new ParameterException(spec.commandLine(), oneLine(e), e);
        } catch (IOException | UncheckedIOException e) {
            throw new ParameterException(spec.commandLine(), model + " cannot be read: " + oneLine(e), e);
        }
    }

    /** The text of a file, which must be there and be UTF-8. */
    public static String requireText(CommandSpec spec, Path file) {
        requireReadable(spec, file);
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ParameterException(spec.commandLine(), file + " is no text in UTF-8; convert it", e);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + " cannot be read: " + oneLine(e), e);
        }
    }

    /** A file to read. */
    public static void requireReadable(CommandSpec spec, Path file) {
        require(
                spec,
                Files.isReadable(file) && !Files.isDirectory(file),
                "No readable file at " + file + "; check the path");
    }

    /** A file to write, which need not be there, in a folder that is. */
    public static void requireWritable(CommandSpec spec, Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        require(
                spec,
                folder != null && Files.isDirectory(folder),
                "Cannot write " + file + ": there is no folder " + folder + "; make it first");
        require(spec, Files.isWritable(folder), "Cannot write " + file + ": the folder may not be written");
        require(spec, !Files.isDirectory(file), "Cannot write " + file + ": it is a directory; name a file in it");
    }

    /**
     * A program to run.
     *
     * @param remedy what to do where it is missing
     */
    public static void requireProgram(CommandSpec spec, Path program, String remedy) {
        require(
                spec,
                Files.isExecutable(program) && !Files.isDirectory(program),
                "No program at " + program + "; " + remedy);
    }

    private static String oneLine(Exception e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
