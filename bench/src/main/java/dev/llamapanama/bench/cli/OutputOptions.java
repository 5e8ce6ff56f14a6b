package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of all commands that measure: where results and progress go. */
public final class OutputOptions {
    /** The form of the results. */
    public enum Format {
        MD,
        JSON,
        JSONL,
        CSV,
        HTML
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-o", "--format"},
            defaultValue = "md",
            paramLabel = "md|json|jsonl|csv|html",
            description =
                    "Form of the results (default: ${DEFAULT-VALUE}); json, jsonl and csv have the field names of llama.cpp's tools,"
                            + " html is a page with plots.")
    private Format format = Format.MD;

    private Optional<Path> out = Optional.empty();

    @Option(names = "--quiet", description = "No progress on standard error.")
    private boolean quiet;

    /** Refuses a file that cannot be written before hours of measuring, not after. */
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Write the results to a file in place of standard output. It appears whole at the end, but jsonl grows"
                            + " with each result.")
    void out(Path file) {
        Arguments.requireWritable(command, file);
        out = Optional.of(file);
    }

    public Format format() {
        return format;
    }

    /**
     * Refuses the forms that the command does not write.
     *
     * @throws ParameterException if the format is none of these
     */
    public void requireFormat(Format... formats) {
        if (!Arrays.asList(formats).contains(format)) {
            throw new ParameterException(
                    command.commandLine(),
                    command.name() + " writes "
                            + Arrays.stream(formats)
                                    .map(one -> one.name().toLowerCase(Locale.ROOT))
                                    .collect(Collectors.joining(", ")));
        }
    }

    /** Refuses {@link Format#HTML}, for commands whose results {@code report} makes a page of. */
    public void requireTextFormat() {
        requireFormat(Format.MD, Format.JSON, Format.JSONL, Format.CSV);
    }

    /** Whether results go to standard output. */
    public boolean toStandardOutput() {
        return out.isEmpty();
    }

    public Progress progress(String task, long total) {
        return quiet ? Progress.none() : Progress.start(task, "", 1, total);
    }

    /** Writes results to where they shall go. */
    public void write(PrintWriter standardOutput, String results) throws IOException {
        if (out.isPresent()) {
            AtomicFile.write(out.get(), results);
        } else {
            standardOutput.print(results);
            standardOutput.flush();
        }
    }

    /**
     * Where results go one by one, so that a run that is cut short keeps what it measured. Not thread-safe.
     *
     * @throws IOException if the file cannot be written; what it held before is gone
     */
    public ResultStream stream(PrintWriter standardOutput) throws IOException {
        return out.isPresent()
                ? new ResultStream(new PrintWriter(Files.newBufferedWriter(out.get())), true)
                : new ResultStream(standardOutput, false);
    }
}
