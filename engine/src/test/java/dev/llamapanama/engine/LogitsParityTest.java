package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.engine.PerplexityFile.Row;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities of all tokens, and the perplexity, are those of {@code llama-perplexity}. */
@ExtendWith(NoLeaks.class)
class LogitsParityTest {
    private static final int CHUNK = 256;
    private static final int CHUNKS = 4;
    private static final int THREADS = 2;
    private static final int MAX_RETRIES = 5;

    /** For tools that were compiled for another instruction set, which sum in another order. */
    private static final double ROUNDING = 1e-4;

    /** Where our own kernels sum in another order, and a value of a quantized column may round the other way. */
    private static final double KERNELS_DIVERGENCE = 5e-4;

    private static final Pattern PERPLEXITY = Pattern.compile("Final estimate: PPL = ([0-9.]+)");
    private static final Pattern DIVERGENCE = Pattern.compile("Mean +KLD: +([0-9.]+)");

    private static final String[] WORDS =
            "the a little girl boy dog cat Lily Tom was happy sad and ran to park house with big red ball . , She saw"
                    .split(" ");

    @TempDir
    private Path scratch;

    /** Models; and how many chunks are computed in one batch, each in a sequence of its own. */
    static Stream<Arguments> runs() {
        return Stream.of(
                Arguments.argumentSet("llama, one sequence", Models.llama(), 1),
                Arguments.argumentSet("llama, four sequences", Models.llama(), 4),
                Arguments.argumentSet(
                        "llama in Q8_0", Models.forged(TinyModels.llama().withWeights(WeightFormat.Q8_0)), 2),
                Arguments.argumentSet("mixture of experts, two sequences", Models.forged(TinyModels.qwen3moe()), 2),
                Arguments.argumentSet(
                        "mixture of experts in Q8_0",
                        Models.forged(TinyModels.qwen3moe().withWeights(WeightFormat.Q8_0)),
                        2),
                Arguments.argumentSet(
                        "llama in Q4_0", Models.forged(TinyModels.llama().withWeights(WeightFormat.Q4_0)), 1),
                Arguments.argumentSet(
                        "llama in BF16", Models.forged(TinyModels.llama().withWeights(WeightFormat.BF16)), 1),
                Arguments.argumentSet("sliding window, four sequences", Models.forged(TinyModels.gemma3()), 4));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void probabilitiesAreThoseOfTheTool(Path file, int sequences) throws Exception {
        check(file, sequences);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void probabilitiesOfARealModelAreThoseOfTheTool(int sequences) throws Exception {
        check(Models.real("stories260K.gguf"), sequences);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q8_0", "Q4_0", "BF16"})
    void probabilitiesOfAQuantizedRealModelAreThoseOfTheTool(String format) throws Exception {
        Path quantized = scratch.resolve(format + ".gguf");
        quantize(Models.real("stories260K.gguf"), quantized, format);
        check(quantized, 2);
    }

    /**
     * llama.cpp's code rounds the columns of these types more coarsely than our kernels; so both are compared with the same weights
     * in single precision.
     */
    @ParameterizedTest
    @ValueSource(strings = {"Q4_K_M", "Q5_K_M", "Q6_K", "Q5_1"})
    void kernelsAreNoFurtherFromSinglePrecisionThanTheTool(String format) throws Exception {
        assumeTrue(Backend.load().kernels().active());
        Path quantized = scratch.resolve(format + ".gguf");
        Path single = scratch.resolve(format + "-F32.gguf");
        quantize(Models.forged(wide()), quantized, format);
        quantize(quantized, single, "F32");
        Path logits = scratch.resolve("logits");
        double perplexity = runTool(single, text(), 1, logits);
        PerplexityFile expected = PerplexityFile.read(logits);

        long operations = Backend.load().kernels().operations();
        Difference ours = difference(quantized, expected);
        assertThat(Backend.load().kernels().operations()).isGreaterThan(operations);

        assertThat(ours.divergence).isLessThan(1.02 * divergenceOfTool(quantized, logits));
        assertThat(Math.exp(ours.surprise)).isCloseTo(perplexity, withinPercentage(1));
    }

    private double divergenceOfTool(Path file, Path logits) throws Exception {
        List<String> command = command(file, 1, logits);
        command.add("--kl-divergence");
        return find(DIVERGENCE, command);
    }

    /** K-quants come in rows of 256 values. */
    private static ModelSpec wide() {
        return TinyModels.llama().toBuilder()
                .embeddingLength(256)
                .headLength(64)
                .feedForwardLength(512)
                .build();
    }

    /** On average over the rows. */
    private static Difference difference(Path file, PerplexityFile expected) {
        ContextOptions options = ContextOptions.builder()
                .contextLength(CHUNK)
                .batchSize(CHUNK)
                .threads(THREADS)
                .build();
        try (Model model = Model.load(file);
                Context context = model.newContext(options)) {
            double surprise = 0;
            double divergence = 0;
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                decode(context, expected, chunk, 1);
                Difference difference = compare(context, expected, chunk, 0, true);
                surprise += difference.surprise;
                divergence += difference.divergence;
            }
            return new Difference(
                    surprise / expected.rows().size(),
                    divergence / expected.rows().size());
        }
    }

    private void quantize(Path from, Path to, String format) throws Exception {
        run(List.of(tool("llama-quantize"), "--allow-requantize", from.toString(), to.toString(), format));
    }

    private void check(Path file, int sequences) throws Exception {
        String text = text();
        Path logits = scratch.resolve("logits");
        double expectedPerplexity = runTool(file, text, sequences, logits);
        PerplexityFile expected = PerplexityFile.read(logits);
        assertThat(expected.chunks()).isEqualTo(CHUNKS);
        assertThat(expected.rows()).hasSize(CHUNKS * expected.rowsPerChunk());
        ContextOptions options = ContextOptions.builder()
                .contextLength(sequences * CHUNK)
                .batchSize(sequences * CHUNK)
                .maxSequences(sequences)
                .threads(THREADS)
                .build();
        try (Model model = Model.load(file);
                Context context = model.newContext(options)) {
            int[] tokens = model.vocabulary().tokenize(text, true, false);
            assertThat(Arrays.copyOf(tokens, expected.tokens().length)).containsExactly(expected.tokens());
            long operations = Backend.load().kernels().operations();
            double sum = 0;
            double divergence = 0;
            for (int chunk = 0; chunk < CHUNKS; chunk += sequences) {
                decode(context, expected, chunk, sequences);
                boolean kernels = Backend.load().kernels().operations() > operations;
                for (int sequence = 0; sequence < sequences; sequence++) {
                    Difference difference = compare(context, expected, chunk + sequence, sequence * CHUNK, kernels);
                    sum += difference.surprise;
                    divergence += difference.divergence;
                }
            }
            double perplexity = Math.exp(sum / expected.rows().size());
            if (Backend.load().kernels().operations() > operations) {
                assertThat(divergence / expected.rows().size()).isLessThan(KERNELS_DIVERGENCE);
                assertThat(perplexity).isCloseTo(expectedPerplexity, withinPercentage(1));
            } else {
                // the tool prints 4 decimals, and adds up numbers of single precision
                assertThat(perplexity).isCloseTo(expectedPerplexity, within(0.5e-4 + 1e-5 * expectedPerplexity));
            }
        }
    }

    private static void decode(Context context, PerplexityFile file, int firstChunk, int sequences) {
        Vocabulary vocabulary = context.model().vocabulary();
        context.clearMemory();
        Batch batch = context.batch();
        batch.clear();
        for (int sequence = 0; sequence < sequences; sequence++) {
            for (int i = 0; i < CHUNK; i++) {
                boolean begin = i == 0 && vocabulary.addsBos();
                int token = begin ? vocabulary.bos().orElseThrow() : file.tokens()[(firstChunk + sequence) * CHUNK + i];
                batch.add(token, i, sequence, i >= file.firstPlace());
            }
        }
        context.decode();
    }

    /**
     * Sums over a chunk's rows.
     *
     * @param surprise negative logarithms of the probabilities of the tokens that follow
     * @param divergence Kullback-Leibler, of ours from the tool's
     */
    private record Difference(double surprise, double divergence) {}

    private static Difference compare(
            Context context, PerplexityFile file, int chunk, int batchOffset, boolean kernels) {
        float[] logits = new float[file.vocabularySize()];
        double sum = 0;
        double divergence = 0;
        for (int i = 0; i < file.rowsPerChunk(); i++) {
            int place = file.firstPlace() + i;
            Row row = file.rows().get(chunk * file.rowsPerChunk() + i);
            context.logitsInto(batchOffset + place, logits);
            double[] actual = logProbabilities(logits);
            double worst = 0;
            for (int token = 0; token < actual.length; token++) {
                double value = Math.max(actual[token], row.smallest());
                double expected = row.logProbabilities()[token];
                worst = Math.max(worst, Math.abs(value - expected));
                divergence += Math.exp(expected) * (expected - value);
            }
            if (!kernels) {
                assertThat(worst)
                        .as("largest difference at place %d of chunk %d", place, chunk)
                        .isLessThanOrEqualTo(row.step() / 2.0 + ROUNDING);
            }
            sum -= actual[file.tokens()[chunk * CHUNK + place + 1]];
        }
        return new Difference(sum, divergence);
    }

    private static double[] logProbabilities(float[] logits) {
        double[] result = new double[logits.length];
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        for (int i = 0; i < result.length; i++) {
            result[i] = logits[i] - max - Math.log(sum);
        }
        return result;
    }

    private static String text() {
        Random random = new Random(1);
        return Stream.generate(() -> WORDS[random.nextInt(WORDS.length)])
                .limit(1500)
                .collect(Collectors.joining(" "));
    }

    /** Runs the tool; the perplexity that it prints. */
    private double runTool(Path file, String text, int sequences, Path logits) throws Exception {
        Path input = scratch.resolve("text.txt");
        Files.writeString(input, text);
        List<String> command = command(file, sequences, logits);
        command.addAll(List.of("--file", input.toString()));
        return find(PERPLEXITY, command);
    }

    private static List<String> command(Path file, int sequences, Path logits) {
        return new ArrayList<>(List.of(
                tool("llama-perplexity"),
                "--model",
                file.toString(),
                "--kl-divergence-base",
                logits.toString(),
                "--ctx-size",
                "" + CHUNK,
                "--batch-size",
                "" + sequences * CHUNK,
                "--chunks",
                "" + CHUNKS,
                "--threads",
                "" + THREADS,
                "--no-warmup",
                "--fit",
                "off"));
    }

    /** The number that a tool prints. */
    private double find(Pattern pattern, List<String> command) throws Exception {
        for (int attempt = 0; attempt < MAX_RETRIES; attempt++) {
            Matcher matcher = pattern.matcher(run(command));
            if (matcher.find()) { // it prints by another thread, which its end sometimes overtakes
                return Double.parseDouble(matcher.group(1));
            }
        }
        throw new AssertionError(pattern + " is not in the output of " + String.join(" ", command));
    }

    private static String tool(String name) {
        Path directory = Oracle.directory();
        assumeTrue(
                directory != null,
                "the native tools are not built (-Poracle), and LLAMAPANAMA_ORACLE does not name their folder");
        return directory.resolve(name).toString();
    }

    /** What a tool printed. */
    private String run(List<String> command) throws Exception {
        Path output = scratch.resolve("output.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("OMP_WAIT_POLICY", "passive"); // threads that wait do not spin
        Process process = builder.start();
        String printed = process.waitFor() + " " + Files.readString(output, StandardCharsets.UTF_8);
        assertThat(printed).as(String.join(" ", command)).startsWith("0 ");
        return printed;
    }
}
