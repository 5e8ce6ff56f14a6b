package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row of {@code latency}.
 *
 * @param measure what was measured: {@code TTFT}, {@code LOAD_WARM}, …
 * @param modelFilename file
 * @param nThreads threads that compute
 * @param nPrompt tokens of the prompt; 0 where there is none
 * @param nCached those of them that were in the KV cache
 * @param medianNs median of the samples in nanoseconds; null of none
 * @param samplesNs time of each repetition in nanoseconds
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record LatencyRow(
        String measure,
        String modelFilename,
        int nThreads,
        @Nullable Integer nBatch,
        @Nullable Integer nUbatch,
        int nPrompt,
        int nCached,
        @Nullable Long medianNs,
        @Nullable List<Long> samplesNs,
        @Nullable String testTime,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    @Override
    public boolean ofEngine() {
        return true;
    }
}
