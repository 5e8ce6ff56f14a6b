package dev.llamapanama.bench.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** A command with its arguments as one would type them in a shell. */
public final class CommandText {
    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

    private CommandText() {}

    /** The command that runs. */
    public static String of(CommandSpec spec) {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return of(arguments.isEmpty() ? List.of(spec.name()) : arguments);
    }

    static String of(List<String> arguments) {
        return Stream.concat(Stream.of("llamapanama"), arguments.stream())
                .map(CommandText::quoted)
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String argument) {
        return PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
