package dev.llamapanama.bench.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The engine, in a JVM like this one.
 *
 * @param name for tables
 * @param jvmOptions more options of that JVM
 * @param environment more environment of that JVM
 * @param forced whether a model that does not fit into memory is measured all the same
 */
record Engine(String name, List<String> jvmOptions, Map<String, String> environment, boolean forced)
        implements Contender {
    @Override
    public String description() {
        String text = "this JVM (%s) with its options".formatted(Runtime.version());
        if (!jvmOptions.isEmpty()) {
            text += " and " + String.join(" ", jvmOptions);
        }
        if (!environment.isEmpty()) {
            text += ", environment "
                    + environment.entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining(" "));
        }
        return text;
    }

    @Override
    public boolean supports(CompareTest test) {
        return true;
    }

    @Override
    public Measured measure(Workload workload) throws IOException, InterruptedException {
        List<String> arguments = workload.test().parallel() ? streams(workload) : throughput(workload);
        arguments.addAll(settings(workload));
        if (forced) {
            arguments.add("--force");
        }
        List<String> lines = ChildProcess.run(name(), ChildProcess.bench(jvmOptions, arguments), environment);
        return workload.test().parallel()
                ? Speeds.ofBatchedBench(name(), workload, lines)
                : Speeds.ofBench(name(), workload, lines);
    }

    private static List<String> throughput(Workload workload) {
        return new ArrayList<>(List.of(
                "throughput",
                "--no-limits",
                "--prompt",
                String.valueOf(workload.test().prompt()),
                "--gen",
                String.valueOf(workload.test().gen()),
                "--depth",
                String.valueOf(workload.test().depth()),
                "--repetitions",
                String.valueOf(workload.samples())));
    }

    /** A row for each sample, as llama-batched-bench has no repetitions; the first warms up. */
    private static List<String> streams(Workload workload) {
        return new ArrayList<>(List.of(
                "streams",
                "--prompt",
                String.valueOf(workload.test().prompt()),
                "--gen",
                String.valueOf(workload.test().gen()),
                "--streams",
                String.join(
                        ",",
                        Collections.nCopies(
                                workload.samples() + 1,
                                String.valueOf(workload.test().streams()))),
                "--repetitions",
                "1"));
    }

    private static List<String> settings(Workload workload) {
        return List.of(
                "--model",
                workload.model().toString(),
                "--threads",
                String.valueOf(workload.threads()),
                "--batch",
                String.valueOf(workload.batch()),
                "--ubatch",
                String.valueOf(workload.ubatch()),
                "--kv-type",
                workload.kvTypeName(),
                "--flash-attention",
                workload.flashAttentionName(),
                "--quiet",
                "--format",
                "jsonl");
    }
}
