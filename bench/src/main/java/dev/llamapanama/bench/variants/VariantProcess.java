package dev.llamapanama.bench.variants;

import dev.llamapanama.bench.Main;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.report.Report;
import dev.llamapanama.bench.report.TestSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures each time in a process of its own, which loads the model, warms up, and runs each test once.
 *
 * @param builds the folder in which {@code cmake/variants.sh} puts builds
 * @param threads threads that compute, where the variant does not say
 * @param forced whether the engine measures a model that does not fit into memory
 */
record VariantProcess(Path builds, int threads, boolean forced) implements Measurement {
    /** What the engine says of libraries that this CPU cannot run, before it loads them. */
    private static final Pattern CPU_MISMATCH =
            Pattern.compile("need CPU features that this machine lacks: ([^.]+)\\.");

    @Override
    public Sample measure(Variant variant, Path model, List<TestSpec> tests)
            throws IOException, InterruptedException, CpuMismatchException {
        List<String> command = command(variant, model, tests);
        Path errors = Files.createTempFile("variant", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(variant.environment());
        try {
            Process process = builder.start();
            try {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw failure(variant, code, Files.readString(errors, StandardCharsets.UTF_8));
                }
                List<BenchResult> results = Report.parseJson(output);
                return new Sample(speeds(results, tests), results.getFirst().machine());
            } finally {
                process.destroy();
            }
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    private static IOException failure(Variant variant, int code, String errors) throws CpuMismatchException {
        Matcher matcher = CPU_MISMATCH.matcher(errors);
        if (code == 1 && matcher.find()) {
            throw new CpuMismatchException(matcher.group(1));
        }
        String reason =
                errors.lines().filter(line -> !line.isBlank()).findFirst().orElse("it did not say why");
        return new IOException("The variant '" + variant.name() + "' ended with exit code " + code + ": " + reason);
    }

    private static List<Double> speeds(List<BenchResult> results, List<TestSpec> tests) throws IOException {
        List<Double> speeds = new ArrayList<>();
        for (TestSpec test : tests) {
            speeds.add(results.stream()
                    .filter(result -> result.test().equals(test.toString()))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no result of " + test))
                    .avgTs());
        }
        return speeds;
    }

    /** Where the native libraries of a build are. */
    Path libraries(String build) {
        return builds.resolve(build).resolve("lib");
    }

    /** Where llama-bench of a build is. */
    Path llamaBench(String build) {
        return builds.resolve(build).resolve("tools").resolve("llama-bench");
    }

    private List<String> command(Variant variant, Path model, List<TestSpec> tests) {
        List<String> command = new ArrayList<>();
        if (variant.program() == Variant.Program.LLAMA_BENCH) {
            command.add(llamaBench(String.valueOf(variant.build())).toString());
            command.addAll(arguments(variant, model, tests, "-r", "-o"));
            return command;
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(variant.jvmOptions());
        if (variant.build() != null) {
            command.add("-Dllamapanama.native.dir=" + libraries(variant.build()).toAbsolutePath());
        }
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("throughput", "--quiet", "--no-limits"));
        if (forced) {
            command.add("--force");
        }
        command.addAll(arguments(variant, model, tests, "--repetitions", "--format"));
        return command;
    }

    /** The two programs agree on most names. */
    private List<String> arguments(
            Variant variant, Path model, List<TestSpec> tests, String repetitions, String format) {
        List<String> arguments = new ArrayList<>(List.of("-m", model.toString()));
        arguments.addAll(List.of("-p", list(tests, TestSpec::prompt), "-n", list(tests, TestSpec::gen)));
        arguments.addAll(List.of("-d", String.valueOf(tests.getFirst().depth()), repetitions, "1", format, "json"));
        if (!variant.options().containsKey("threads")) {
            arguments.addAll(List.of("--threads", String.valueOf(threads)));
        }
        variant.options().forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
        return arguments;
    }

    private static String list(List<TestSpec> tests, ToIntFunction<TestSpec> tokens) {
        Stream<Integer> numbers = tests.stream().map(tokens::applyAsInt).filter(n -> n > 0);
        String list = numbers.distinct().map(String::valueOf).collect(Collectors.joining(","));
        return list.isEmpty() ? "0" : list;
    }
}
