package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of all commands that measure: where results and progress go. */
public final class OutputOptions {
    /** The form of the results. */
    public enum Format {
        MD,
        JSON,
        JSONL,
        CSV
    }

    @Option(
            names = {"-o", "--format"},
            defaultValue = "md",
            paramLabel = "md|json|jsonl|csv",
            description =
                    "Form of the results (default: ${DEFAULT-VALUE}); all but md have the field names of llama.cpp's tools.")
    private Format format = Format.MD;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the results to a file, which appears whole at the end, in place of standard output.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--quiet", description = "No progress on standard error.")
    private boolean quiet;

    public Format format() {
        return format;
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
}
