package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a row of {@code startup}.
 *
 * @param modelFilename file
 * @param engineNs nanoseconds of the engine in each pair
 * @param referenceNs nanoseconds of llama-completion in each pair
 * @param medianEngineNs their median
 * @param medianReferenceNs their median
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StartupRow(
        String modelFilename,
        int nThreads,
        @Nullable Boolean archive,
        List<Long> engineNs,
        List<Long> referenceNs,
        double medianEngineNs,
        double medianReferenceNs,
        @Nullable String testTime,
        @Nullable Machine machine,
        @Nullable String command)
        implements ResultRow {

    @Override
    public boolean ofEngine() {
        return true;
    }
}
