package dev.llamapanama.bench.cli;

import picocli.CommandLine.Option;

/** Output of commands whose results are rows of plain values. */
public final class RowsOutput extends OutputOptions {
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
                    "Form of the results (default: ${DEFAULT-VALUE}): a table for people, an array, a line for each row, or"
                            + " comma-separated values.")
    private Format format = Format.MD;

    public Format format() {
        return format;
    }
}
