package dev.llamapanama.bench.cli;

import picocli.CommandLine.Option;

/** Output of commands whose results hold objects of varying fields, which comma-separated values have no place for. */
public final class NestedOutput extends OutputOptions {
    /** The form of the results. */
    public enum Format {
        MD,
        JSON,
        JSONL
    }

    @Option(
            names = {"-o", "--format"},
            defaultValue = "md",
            paramLabel = "md|json|jsonl",
            description =
                    "Form of the results (default: ${DEFAULT-VALUE}): tables for people, JSON, or a line of JSON for each row.")
    private Format format = Format.MD;

    public Format format() {
        return format;
    }
}
