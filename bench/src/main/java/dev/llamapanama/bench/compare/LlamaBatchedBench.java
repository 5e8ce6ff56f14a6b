package dev.llamapanama.bench.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** llama.cpp's own benchmark of parallel sequences. */
record LlamaBatchedBench(Path tool) implements Contender {
    private static final int ATTEMPTS = 3;

    @Override
    public String name() {
        return "llama-batched-bench";
    }

    @Override
    public String description() {
        return tool.toString();
    }

    @Override
    public boolean supports(CompareTest test) {
        return test.parallel();
    }

    @Override
    public Measured measure(Workload workload) throws IOException, InterruptedException {
        CompareTest test = workload.test();
        String streams = String.valueOf(test.streams());
        List<String> command = List.of(
                tool.toString(),
                "-m",
                workload.model().toString(),
                "-npp",
                String.valueOf(test.prompt()),
                "-ntg",
                String.valueOf(test.gen()),
                "-npl",
                String.join(",", Collections.nCopies(workload.samples() + 1, streams)), // the first warms up
                "-c",
                String.valueOf(test.contextLength()),
                "-t",
                String.valueOf(workload.threads()),
                "-tb",
                String.valueOf(workload.threads()),
                "-b",
                String.valueOf(workload.batch()),
                "-ub",
                String.valueOf(workload.ubatch()),
                "-ctk",
                workload.kvTypeName(),
                "-ctv",
                workload.kvTypeName(),
                "-fa",
                workload.flashAttentionName(),
                "--output-format",
                "jsonl");
        List<String> lines = List.of();
        // its log thread now and then loses the end of the output when the process ends
        for (int attempt = 0; attempt < ATTEMPTS && lines.size() <= workload.samples(); attempt++) {
            lines = ChildProcess.run(name(), command, Map.of());
        }
        return Speeds.ofBatchedBench(name(), workload, lines);
    }
}
