package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row of {@code streams} or of {@code llama-batched-bench --output-format jsonl}, which has
 * only the numbers up to {@code speedTg}.
 *
 * @param pl streams
 * @param pp tokens of a prompt
 * @param tg tokens that each stream generated
 * @param isPpShared 1 where all streams have the same prompt, else 0
 * @param nThreads threads that compute
 * @param nBatch most tokens in one decode call
 * @param nUbatch most tokens in one pass through the network
 * @param typeK type of keys
 * @param typeV type of values
 * @param flashAttn -1 automatic, 0 off, 1 on
 * @param speedPp prompt tokens per second
 * @param speedTg generated tokens per second, of all streams
 * @param medianSpeedPp median of {@code speedPp} over the repetitions
 * @param medianSpeedTg median of {@code speedTg} over the repetitions
 * @param itlP50Ns median of the inter-token latency in nanoseconds
 * @param itlP95Ns what 95 % of the inter-token latencies were not above
 * @param itlP99Ns what 99 % of the inter-token latencies were not above
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StreamsRow(
        int pl,
        int pp,
        int tg,
        int isPpShared,
        int nThreads,
        @Nullable Integer nBatch,
        @Nullable Integer nUbatch,
        @Nullable String typeK,
        @Nullable String typeV,
        @Nullable Integer flashAttn,
        double speedPp,
        double speedTg,
        @Nullable Double medianSpeedPp,
        @Nullable Double medianSpeedTg,
        @Nullable Long itlP50Ns,
        @Nullable Long itlP95Ns,
        @Nullable Long itlP99Ns,
        @Nullable String modelFilename,
        @Nullable String testTime,
        @Nullable String javaVersion,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    @Override
    public boolean ofEngine() {
        return javaVersion != null;
    }

    /** In the form of the other rows. */
    public Settings settings() {
        return new Settings(nBatch, nUbatch, typeK, typeV, flashAttn);
    }

    /** Prompt tokens per second of one stream, which has its own prompt or a copy of the shared one. */
    public double promptPerStream() {
        return isPpShared == 1 ? prompt() : prompt() / pl;
    }

    /** Prompt tokens per second: the median where there is one. */
    public double prompt() {
        return medianSpeedPp == null ? speedPp : medianSpeedPp;
    }

    /** Generated tokens per second of all streams: the median where there is one. */
    public double generation() {
        return medianSpeedTg == null ? speedTg : medianSpeedTg;
    }
}
