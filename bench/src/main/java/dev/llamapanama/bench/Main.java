package dev.llamapanama.bench;

import dev.llamapanama.bench.compare.CompareCommand;
import dev.llamapanama.bench.doctor.DoctorCommand;
import dev.llamapanama.bench.embeddings.EmbeddingsCommand;
import dev.llamapanama.bench.forge.ForgeCommand;
import dev.llamapanama.bench.generate.GenerateCommand;
import dev.llamapanama.bench.history.HistoryCommand;
import dev.llamapanama.bench.html.ReportCommand;
import dev.llamapanama.bench.jmh.report.JmhReportCommand;
import dev.llamapanama.bench.latency.LatencyCommand;
import dev.llamapanama.bench.latency.StartupCommand;
import dev.llamapanama.bench.limits.LimitsCommand;
import dev.llamapanama.bench.plan.PlanCommand;
import dev.llamapanama.bench.requests.LookupCommand;
import dev.llamapanama.bench.requests.RequestsCommand;
import dev.llamapanama.bench.streams.StreamsCommand;
import dev.llamapanama.bench.throughput.ThroughputCommand;
import dev.llamapanama.bench.variants.VariantsCommand;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.LlamaException;
import dev.llamapanama.engine.LogLevel;
import dev.llamapanama.gguf.GgufFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

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
        })
public final class Main {
    /** All commands by name, in the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = commands();

    private Main() {}

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("throughput", ThroughputCommand.class);
        commands.put("streams", StreamsCommand.class);
        commands.put("requests", RequestsCommand.class);
        commands.put("lookup", LookupCommand.class);
        commands.put("embeddings", EmbeddingsCommand.class);
        commands.put("latency", LatencyCommand.class);
        commands.put("startup", StartupCommand.class);
        commands.put("compare", CompareCommand.class);
        commands.put("variants", VariantsCommand.class);
        commands.put("doctor", DoctorCommand.class);
        commands.put("limits", LimitsCommand.class);
        commands.put("plan", PlanCommand.class);
        commands.put("report", ReportCommand.class);
        commands.put("history", HistoryCommand.class);
        commands.put("jmh-report", JmhReportCommand.class);
        commands.put("generate", GenerateCommand.class);
        commands.put("forge", ForgeCommand.class);
        return commands;
    }

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show llama.cpp's own messages on standard error (default: only what failed).")
    void verbose(boolean verbose) {
        Backend.logLevel(verbose ? LogLevel.INFO : LogLevel.OFF);
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        Parent.watch();
        Backend.logLevel(LogLevel.OFF); // exceptions hold what it says of failures
        Backend.logHandler((level, line) -> System.err.println(line));
        Thread libraries = loadAhead(args);
        int code = run(args);
        join(libraries); // not to exit while native code begins; returns at once if it was not started
        System.exit(code);
    }

    /** Loads the native libraries while the arguments are read, for the command whose user waits for the first token. */
    private static Thread loadAhead(String[] args) {
        Thread thread = new Thread(
                () -> {
                    try {
                        var _ = Backend.load();
                    } catch (LlamaException e) {
                        // the command hears of it when it loads a model
                    }
                },
                "load-ahead");
        if (args.length > 0 && args[0].equals("generate")) {
            thread.start();
        }
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a command; for tests. */
    static int run(String... args) {
        String[] words = args.length == 0 ? new String[] {"throughput"} : args;
        return commandLine(words).execute(words);
    }

    /** The command line for these arguments: a command alone if they begin with it, since each one takes time to set up. */
    static CommandLine commandLine(String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        Class<?> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (named != null) {
            commandLine.addSubcommand(args[0], named);
        } else {
            COMMANDS.forEach(commandLine::addSubcommand);
        }
        return commandLine
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
