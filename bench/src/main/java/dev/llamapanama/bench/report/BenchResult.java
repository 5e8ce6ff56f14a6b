package dev.llamapanama.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.machine.Machine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One test's result: an object of the array that {@code llama-bench -o json} writes.
 *
 * <p>The components up to {@code samplesTs} have llama-bench's names, order, types and units ({@code
 * tools/llama-bench/llama-bench.cpp}, {@code struct test}), so that its scripts read them; those for what the engine
 * does not offer hold llama-bench's defaults. The components after {@code samplesTs} are ours, and absent in
 * llama-bench's files.
 *
 * @param buildCommit git revision of llama.cpp
 * @param modelSize bytes of all tensors
 * @param modelNParams weights
 * @param flashAttn -1 automatic, 0 off, 1 on
 * @param testTime start, UTC
 * @param avgNs mean time of a repetition in nanoseconds
 * @param avgTs mean speed in tokens per second
 * @param samplesNs time of each repetition in nanoseconds
 * @param samplesTs speed of each repetition in tokens per second
 * @param avgTtftNs mean time to first token in nanoseconds; null where there is no prompt
 * @param ttftNs time to first token of each repetition in nanoseconds: from the first prompt token given to the engine
 *     until the first token is sampled; the tokens are ready and no text is made
 * @param cpuLibrary llama.cpp's CPU library in use
 * @param javaVersion version of the JVM
 * @param ceiling what bounds the speed: {@code memory read} in generation and in short prompts, {@code int8 multiply} or so in
 *     longer ones; null where it was not measured
 * @param ceilingTs the bound, from this machine's measured limit and what the model asks of it, in tokens per second
 * @param ceilingShare {@code avgTs} divided by {@code ceilingTs}
 * @param bytesPerToken of a prompt that is computed at once, as the next three: {@link #roofline}; null for other tests, and where
 *     it was not measured
 * @param medianTs median speed in tokens per second
 * @param machine what it ran on
 * @param command the arguments that made it, as one would type them
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record BenchResult(
        String buildCommit,
        int buildNumber,
        String cpuInfo,
        String gpuInfo,
        String backends,
        String modelFilename,
        String modelType,
        long modelSize,
        @JsonProperty("model_n_params") long modelNParams,
        int nBatch,
        int nUbatch,
        int nThreads,
        String cpuMask,
        boolean cpuStrict,
        int poll,
        String typeK,
        String typeV,
        int nGpuLayers,
        int nCpuMoe,
        String splitMode,
        int mainGpu,
        boolean noKvOffload,
        int flashAttn,
        String devices,
        String tensorSplit,
        String tensorBuftOverrides,
        String loadMode,
        String lazyMode,
        boolean embeddings,
        int noOpOffload,
        boolean noHost,
        long fitTarget,
        int fitMinCtx,
        int nPrompt,
        int nGen,
        int nDepth,
        String testTime,
        long avgNs,
        long stddevNs,
        double avgTs,
        double stddevTs,
        List<Long> samplesNs,
        List<Double> samplesTs,
        @Nullable Long avgTtftNs,
        @Nullable List<Long> ttftNs,
        @Nullable String cpuLibrary,
        @Nullable String javaVersion,
        @Nullable String ceiling,
        @Nullable Double ceilingTs,
        @Nullable Double ceilingShare,
        @Nullable Double bytesPerToken,
        @Nullable Double operationsPerToken,
        @Nullable Double readTs,
        @Nullable Double multiplyTs,
        @Nullable Double medianTs,
        @Nullable Machine machine,
        @Nullable String command) {

    /** Where a prompt that is computed at once stands; null for other tests, and where it was not measured. */
    public @Nullable RooflinePoint roofline() {
        return bytesPerToken == null || operationsPerToken == null || readTs == null || multiplyTs == null
                ? null
                : new RooflinePoint(bytesPerToken, operationsPerToken, readTs, multiplyTs);
    }

    /** llama-bench's name of the test: {@code pp512}, {@code tg64 @ d512}. */
    public String test() {
        return TestSpec.name(nPrompt, nGen, nDepth);
    }
}
