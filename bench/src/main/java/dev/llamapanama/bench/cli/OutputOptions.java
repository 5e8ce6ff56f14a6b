package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Options of all commands that measure: where results and progress go. The subclasses add {@code --format} with the forms
 * that a command writes.
 */
public abstract class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private Optional<Path> out = Optional.empty();

    @Option(names = "--quiet", description = "No progress on standard error (default: a bar or lines).")
    private boolean quiet;

    /** Refuses a file that cannot be written before hours of measuring, not after. */
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the results to this file, which appears whole at the end (default: standard output).")
    void out(Path file) {
        Arguments.requireWritable(command, file);
        out = Optional.of(file);
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
