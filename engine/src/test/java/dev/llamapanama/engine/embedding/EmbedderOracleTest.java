package dev.llamapanama.engine.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Oracle;
import dev.llamapanama.engine.Pooling;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Vectors are those of {@code llama-embedding}; skipped where the folder of the native tools has none. */
@ExtendWith(NoLeaks.class)
class EmbedderOracleTest {
    private static final List<String> DOCUMENTS =
            List.of("the quick brown fox", "a", "Jumps over 13 lazy dogs, again and again!", "one two three four");

    private static final int MAX_RETRIES = 20;

    private static Path tool;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void findTool() {
        Path folder = Oracle.directory();
        assumeTrue(folder != null, "the native tools are not built (-Poracle)");
        tool = folder.resolve("llama-embedding");
        assumeTrue(Files.isExecutable(tool), tool + " is not built");
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of(Models.forged(TinyModels.bert()), Pooling.MEAN, Normalization.EUCLIDEAN),
                Arguments.of(Models.forged(TinyModels.bert()), Pooling.CLS, Normalization.TAXICAB),
                Arguments.of(Models.forged(TinyModels.bert()), Pooling.LAST, new Normalization(3)),
                Arguments.of(Models.llama(), Pooling.LAST, Normalization.EUCLIDEAN),
                Arguments.of(Models.llama(), Pooling.MEAN, Normalization.NONE),
                Arguments.of(Models.forged(TinyModels.mamba()), Pooling.LAST, Normalization.EUCLIDEAN));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void vectorsAreTheTools(Path file, Pooling pooling, Normalization normalization) throws Exception {
        check(file, pooling, normalization);
    }

    @Test
    void aRealVocabulary() throws Exception {
        check(Models.real("tiny-random-bert.gguf"), Pooling.CLS, Normalization.MAX_ABSOLUTE);
    }

    private void check(Path file, Pooling pooling, Normalization normalization) throws Exception {
        float[][] expected = expected(file, pooling, normalization);
        EmbedderOptions options = EmbedderOptions.builder()
                .pooling(pooling)
                .normalization(normalization)
                .packing(PackingOptions.defaults().withMaxTokens(256))
                .build();
        try (Model model = Model.load(file);
                Embedder embedder = Embedder.create(model, options)) {
            List<TextEmbedding> actual = embedder.embed(DOCUMENTS);
            assertThat(expected).hasDimensions(DOCUMENTS.size(), embedder.dimensions());
            for (int i = 0; i < expected.length; i++) {
                float[] vector = actual.get(i).vector();
                assertThat(1 - Vectors.cosine(vector, expected[i]))
                        .as("cosine distance")
                        .isLessThan(1e-3f);
                double lengths = Math.sqrt(Vectors.dot(vector, vector) / Vectors.dot(expected[i], expected[i]));
                assertThat(lengths).as("ratio of lengths").isBetween(0.999, 1.001);
            }
        }
    }

    /** The tool prints [[x,x,…],[…],…]. */
    private float[][] expected(Path file, Pooling pooling, Normalization normalization) throws Exception {
        Path out = scratch.resolve("out.txt");
        Path log = scratch.resolve("log.txt");
        List<String> command = List.of(
                tool.toString(),
                "--model",
                file.toString(),
                "--prompt",
                String.join("\n", DOCUMENTS),
                "--pooling",
                pooling.name().toLowerCase(Locale.ROOT),
                "--embd-normalize",
                "" + normalization.p(),
                "--embd-output-format",
                "array",
                "--ctx-size",
                "512",
                "--threads",
                "1",
                "--no-warmup");
        String text = run(command, out, log);
        for (int i = 0; i < MAX_RETRIES && !text.endsWith("]]"); i++) {
            text = run(command, out, log); // the tool writes by another thread, which its end sometimes overtakes
        }
        assertThat(text).startsWith("[[").endsWith("]]");
        return Arrays.stream(text.substring(2, text.length() - 2).split("\\],\\[", -1))
                .map(EmbedderOracleTest::vector)
                .toArray(float[][]::new);
    }

    private static String run(List<String> command, Path out, Path log) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        return Files.readString(out).strip();
    }

    private static float[] vector(String numbers) {
        String[] parts = numbers.split(",", -1);
        float[] vector = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            vector[i] = Float.parseFloat(parts[i]);
        }
        return vector;
    }
}
