package dev.llamapanama.bench.compare;

import dev.llamapanama.bench.Main;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that measures one test in a process of its own: llama-bench, or this one. */
interface Contender {
    /** A short name for tables. */
    String name();

    /** The command that measures once after a warm-up, and writes llama-bench's JSON to standard output. */
    List<String> command(Path model, TestSpec test, int threads);

    /**
     * Measures.
     *
     * @return tokens per second
     * @throws IOException if the program fails; it has said why on standard error
     */
    default double measure(Path model, TestSpec test, int threads) throws IOException, InterruptedException {
        List<String> command = command(model, test, threads);
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(name() + " ended with exit code " + code + ": " + String.join(" ", command));
            }
            return Report.parseJson(output).getFirst().avgTs();
        } finally {
            process.destroy();
        }
    }

    /** llama.cpp's own benchmark. */
    record LlamaBench(Path tool) implements Contender {
        @Override
        public String name() {
            return "llama-bench";
        }

        @Override
        public List<String> command(Path model, TestSpec test, int threads) {
            return List.of(
                    tool.toString(),
                    "-m",
                    model.toString(),
                    "-p",
                    String.valueOf(test.prompt()),
                    "-n",
                    String.valueOf(test.gen()),
                    "-d",
                    String.valueOf(test.depth()),
                    "-t",
                    String.valueOf(threads),
                    "-r",
                    "1",
                    "-o",
                    "json");
        }
    }

    /** The engine, in a JVM with the options of this one. */
    record Engine() implements Contender {
        @Override
        public String name() {
            return "engine";
        }

        @Override
        public List<String> command(Path model, TestSpec test, int threads) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-classpath", System.getProperty("java.class.path"), Main.class.getName()));
            command.addAll(List.of(
                    "throughput",
                    "--quiet",
                    "--no-limits",
                    "--model",
                    model.toString(),
                    "--prompt",
                    String.valueOf(test.prompt()),
                    "--gen",
                    String.valueOf(test.gen()),
                    "--depth",
                    String.valueOf(test.depth()),
                    "--threads",
                    String.valueOf(threads),
                    "--repetitions",
                    "1",
                    "--format",
                    "json"));
            return command;
        }
    }
}
