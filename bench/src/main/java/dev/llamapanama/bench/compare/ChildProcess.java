package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.Main;
import dev.llamapanama.bench.cli.ChildProcesses;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs programs that write results as JSON, one object a line. */
public final class ChildProcess {
    private ChildProcess() {}

    /**
     * Runs a program to its end.
     *
     * @param environment what is added to this process's own
     * @return the lines of standard output that are JSON objects; llama.cpp's tools write others too
     * @throws IOException if it fails; the message holds the last thing it said
     */
    public static List<String> run(String name, List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path errors = Files.createTempFile("compare", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            ChildProcesses.endWithThisJvm(process);
            try {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw new IOException(name + " ended with exit code " + code + ": " + last(errors));
                }
                return output.lines().filter(line -> line.startsWith("{")).toList();
            } finally {
                process.destroy();
            }
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    private static String last(Path errors) throws IOException {
        return new String(Files.readAllBytes(errors), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .reduce("nothing on standard error", (before, line) -> line);
    }

    /** A JVM like this one, which runs the command line. */
    public static List<String> bench(List<String> jvmOptions, List<String> arguments) {
        return java(jvmOptions, Main.class.getName(), arguments);
    }

    /**
     * A JVM like this one.
     *
     * @param jvmOptions after the options of this JVM, which they overrule
     */
    public static List<String> java(List<String> jvmOptions, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(jvmOptions);
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }
}
