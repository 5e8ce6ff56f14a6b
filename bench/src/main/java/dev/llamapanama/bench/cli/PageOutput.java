package dev.llamapanama.bench.cli;

import picocli.CommandLine.Option;

/** Output of commands that make a page of their results, too. */
public final class PageOutput extends OutputOptions {
    /** The form of the results. */
    public enum Format {
        MD,
        JSON,
        JSONL,
        CSV,
        HTML
    }

    @Option(
            names = {"-o", "--format"},
            defaultValue = "md",
            paramLabel = "md|json|jsonl|csv|html",
            description =
                    "Form of the results (default: ${DEFAULT-VALUE}): a table for people; an array, a line for each row as soon as it is"
                            + " measured, or comma-separated values, with llama-bench's names; or a page with plots.")
    private Format format = Format.MD;

    public Format format() {
        return format;
    }
}
