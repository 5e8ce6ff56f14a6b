package dev.llamapanama.bench;

import dev.llamapanama.bench.compare.CompareCommand;
import dev.llamapanama.bench.forge.ForgeCommand;
import dev.llamapanama.bench.generate.GenerateCommand;
import dev.llamapanama.bench.history.HistoryCommand;
import dev.llamapanama.bench.html.ReportCommand;
import dev.llamapanama.bench.jmh.report.JmhReportCommand;
import dev.llamapanama.bench.limits.LimitsCommand;
import dev.llamapanama.bench.plan.PlanCommand;
import dev.llamapanama.bench.streams.StreamsCommand;
import dev.llamapanama.bench.throughput.ThroughputCommand;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.LlamaException;
import dev.llamapanama.engine.LogLevel;
import dev.llamapanama.gguf.GgufFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine;

/** The command line. */
@Command(
        name = "llamapanama",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Measures and runs language models in this JVM with llama.cpp.",
        footer = {
            "",
            "Without a command: throughput, with its defaults.",
            "Exit codes: 0 done; 1 failed; 2 wrong arguments, nothing was done."
        },
        subcommands = {
            ThroughputCommand.class,
            StreamsCommand.class,
            CompareCommand.class,
            LimitsCommand.class,
            PlanCommand.class,
            ReportCommand.class,
            HistoryCommand.class,
            JmhReportCommand.class,
            GenerateCommand.class,
            ForgeCommand.class
        })
public final class Main {
    private Main() {}

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "llama.cpp's own messages on standard error.")
    void verbose(boolean verbose) {
        Backend.logLevel(verbose ? LogLevel.INFO : LogLevel.OFF);
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        Parent.watch();
        Backend.logLevel(LogLevel.OFF); // exceptions hold what it says of failures
        Backend.logHandler((level, line) -> System.err.println(line));
        System.exit(run(args));
    }

    /** Runs a command; for tests. */
    static int run(String... args) {
        return commandLine().execute(args.length == 0 ? new String[] {"throughput"} : args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::wrongArguments)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static int wrongArguments(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .println(e.getMessage() + " - see " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** One line for what the user can mend; a stack trace for what only we can. */
    private static int failed(Exception e, CommandLine command, ParseResult arguments) {
        if (e instanceof LlamaException
                || e instanceof GgufFormatException
                || e instanceof IOException
                || e instanceof IllegalArgumentException) {
            command.getErr().println(e.getMessage() == null ? e.toString() : e.getMessage());
        } else {
            e.printStackTrace(command.getErr());
        }
        return ExitCode.SOFTWARE;
    }
}
