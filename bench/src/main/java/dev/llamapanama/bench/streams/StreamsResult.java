package dev.llamapanama.bench.streams;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.machine.Machine;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a streams run: an object of those that {@code llama-batched-bench --output-format jsonl} writes, one a
 * line.
 *
 * <p>The components up to {@code speed} have llama-batched-bench's names, order and units ({@code
 * tools/batched-bench/batched-bench.cpp}); it measures once, and here they are means of the repetitions. The components
 * after {@code speed} are ours, and null where llama-batched-bench wrote the row; those that llama-bench has too have its
 * names.
 *
 * @param nKvMax tokens that the memory holds
 * @param nBatch most tokens in one decode call
 * @param nUbatch most tokens in one pass through the network
 * @param flashAttn -1 automatic, 0 off, 1 on
 * @param isPpShared 1 where one prompt was processed and copied to all streams, else 0
 * @param nGpuLayers -1: chosen by llama.cpp
 * @param nThreads threads that decode one token
 * @param nThreadsBatch threads that decode several tokens
 * @param pp tokens of a prompt
 * @param tg tokens that each stream generated
 * @param pl streams
 * @param nKv tokens in memory at the end
 * @param tPp seconds of prompt processing
 * @param speedPp prompt tokens per second; a shared prompt counts once
 * @param tTg seconds of generation
 * @param speedTg generated tokens per second, of all streams
 * @param t seconds of both
 * @param speed tokens per second of both
 * @param buildCommit git revision of llama.cpp
 * @param modelSize bytes of all tensors
 * @param modelNParams weights
 * @param testTime start, UTC
 * @param speedPpPerStream prompt tokens per second of one stream: its own prompt's tokens by the time that the prompts of all
 *     took; a shared prompt is each stream's own
 * @param speedTgPerStream generated tokens per second of one stream
 * @param itlP50Ns median of the inter-token latency in nanoseconds: the time of a step, which gives each stream a token
 * @param itlP95Ns what 95 % of the steps were not above
 * @param itlP99Ns what 99 % of the steps were not above
 * @param samplesPpNs time of prompt processing in each repetition, in nanoseconds
 * @param samplesTgNs time of generation in each repetition, in nanoseconds
 * @param itlNs time of each step in nanoseconds: {@code tg} of the first repetition, then those of the next
 * @param cpuLibrary llama.cpp's CPU library in use
 * @param javaVersion version of the JVM
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StreamsResult(
        int nKvMax,
        int nBatch,
        int nUbatch,
        int flashAttn,
        int isPpShared,
        int nGpuLayers,
        int nThreads,
        int nThreadsBatch,
        int pp,
        int tg,
        int pl,
        int nKv,
        double tPp,
        double speedPp,
        double tTg,
        double speedTg,
        double t,
        double speed,
        @Nullable String buildCommit,
        @Nullable String cpuInfo,
        @Nullable String modelFilename,
        @Nullable String modelType,
        @Nullable Long modelSize,
        @JsonProperty("model_n_params") @Nullable Long modelNParams,
        @Nullable String typeK,
        @Nullable String typeV,
        @Nullable String testTime,
        @Nullable Double medianSpeedPp,
        @Nullable Double stddevSpeedPp,
        @Nullable Double medianSpeedTg,
        @Nullable Double stddevSpeedTg,
        @Nullable Double medianSpeed,
        @Nullable Double stddevSpeed,
        @Nullable Double speedPpPerStream,
        @Nullable Double speedTgPerStream,
        @Nullable Long itlP50Ns,
        @Nullable Long itlP95Ns,
        @Nullable Long itlP99Ns,
        @Nullable List<Long> samplesPpNs,
        @Nullable List<Long> samplesTgNs,
        @Nullable List<Long> itlNs,
        @Nullable String cpuLibrary,
        @Nullable String javaVersion,
        @Nullable Machine machine,
        @Nullable String command) {
    private static final ObjectReader READER = new JsonMapper()
            .readerFor(StreamsResult.class)
            .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * Reads a line that {@code streams --format jsonl} or {@code llama-batched-bench --output-format jsonl} wrote.
     *
     * @throws IOException if it is something else
     */
    public static StreamsResult parse(String line) throws IOException {
        return READER.readValue(line);
    }
}
