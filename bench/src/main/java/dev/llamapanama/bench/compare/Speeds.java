package dev.llamapanama.bench.compare;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.statistics.Statistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the speeds from what the programs write; whoever writes the fields of llama-bench or of llama-batched-bench is read
 * by the same code. Refuses results of something else than was asked for.
 */
final class Speeds {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** An object of {@code llama-bench -o jsonl}. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Bench(
            int nPrompt,
            int nGen,
            int nDepth,
            int nThreads,
            int nBatch,
            int nUbatch,
            String typeK,
            String typeV,
            List<Double> samplesTs) {}

    /** An object of {@code llama-batched-bench --output-format jsonl}. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record BatchedBench(
            int pp, int tg, int pl, int nThreads, int nBatch, int nUbatch, double speedPp, double speedTg) {}

    private Speeds() {}

    /** The median of the one object's samples. */
    static Measured ofBench(String program, Workload workload, List<String> lines) throws IOException {
        CompareTest test = workload.test();
        List<Bench> results = read(program, lines, Bench.class);
        if (results.size() != 1 || !matches(results.getFirst(), workload)) {
            throw new IOException(program + " did not measure " + test + " as asked, but: " + lines);
        }
        return new Measured(List.of(median(results.getFirst().samplesTs())), machine(program, lines.getFirst()));
    }

    private static boolean matches(Bench result, Workload workload) {
        CompareTest test = workload.test();
        return result.nPrompt == test.prompt()
                && result.nGen == test.gen()
                && result.nDepth == test.depth()
                && result.nThreads == workload.threads()
                && result.nBatch == workload.batch()
                && result.nUbatch == workload.ubatch()
                && result.typeK.equals(workload.kvTypeName())
                && result.typeV.equals(workload.kvTypeName())
                && result.samplesTs.size() == workload.samples();
    }

    /** The medians of prompt speeds and of generation speeds; the first object is the warm-up. */
    static Measured ofBatchedBench(String program, Workload workload, List<String> lines) throws IOException {
        List<BatchedBench> results = read(program, lines, BatchedBench.class);
        if (results.size() != workload.samples() + 1
                || !results.stream().allMatch(result -> matches(result, workload))) {
            throw new IOException(program + " did not measure " + workload.test() + " as asked, but: " + lines);
        }
        List<BatchedBench> samples = results.subList(1, results.size());
        return new Measured(
                List.of(
                        median(samples.stream().map(BatchedBench::speedPp).toList()),
                        median(samples.stream().map(BatchedBench::speedTg).toList())),
                machine(program, lines.getFirst()));
    }

    private static boolean matches(BatchedBench result, Workload workload) {
        CompareTest test = workload.test();
        return result.pp == test.prompt()
                && result.tg == test.gen()
                && result.pl == test.streams()
                && result.nThreads == workload.threads()
                && result.nBatch == workload.batch()
                && result.nUbatch == workload.ubatch();
    }

    private static <T> List<T> read(String program, List<String> lines, Class<T> type) throws IOException {
        List<T> results = new ArrayList<>();
        for (String line : lines) {
            try {
                results.add(JSON.readValue(line, type));
            } catch (JsonProcessingException e) {
                throw new IOException(program + " wrote what is no result: " + line, e);
            }
        }
        return results;
    }

    /** Our own programs say what they ran on, and llama.cpp's do not. */
    private static @Nullable Machine machine(String program, String line) throws IOException {
        try {
            JsonNode machine = JSON.readTree(line).get("machine");
            return machine == null || machine.isNull() ? null : JSON.treeToValue(machine, Machine.class);
        } catch (JsonProcessingException e) {
            throw new IOException(program + " does not say what it ran on: " + line, e);
        }
    }

    private static double median(List<Double> samples) {
        return Statistics.median(Statistics.doubles(samples));
    }
}
