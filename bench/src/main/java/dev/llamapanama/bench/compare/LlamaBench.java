package dev.llamapanama.bench.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** llama.cpp's own benchmark of one sequence. */
record LlamaBench(Path tool) implements Contender {
    @Override
    public String name() {
        return "llama-bench";
    }

    @Override
    public String description() {
        return tool.toString();
    }

    @Override
    public boolean supports(CompareTest test) {
        return !test.parallel();
    }

    @Override
    public Measured measure(Workload workload) throws IOException, InterruptedException {
        List<String> command = List.of(
                tool.toString(),
                "-m",
                workload.model().toString(),
                "-p",
                String.valueOf(workload.test().prompt()),
                "-n",
                String.valueOf(workload.test().gen()),
                "-d",
                String.valueOf(workload.test().depth()),
                "-t",
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
                "-lm",
                "auto", // as the engine
                "-r",
                String.valueOf(workload.samples()),
                "-o",
                "jsonl");
        return Speeds.ofBench(name(), workload, ChildProcess.run(name(), command, Map.of()));
    }
}
