package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.ModelArchitecture;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/** Model files for tests: forged ones, made once, and real ones where they are. */
@SuppressWarnings("exports") // public for the tests of other packages
public final class Models {
    private static final ForgeCache CACHE = new ForgeCache(Path.of("target", "models"));

    private Models() {}

    /** {@link TinyModels#llama()}. */
    public static Path llama() {
        return forged(TinyModels.llama());
    }

    /** A forged model's file. */
    public static Path forged(ModelSpec spec) {
        try {
            return CACHE.get(spec);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A larger model, slow enough to be cancelled in the middle of a prompt. */
    public static Path slow() {
        return forged(ModelSpec.builder("slow-llama", ModelArchitecture.LLAMA)
                .layers(8)
                .embeddingLength(512)
                .heads(8, 8)
                .feedForwardLength(2048)
                .vocabularySize(512)
                .contextLength(16384)
                .seed(4)
                .build());
    }

    /** A model of {@code ../shared/models} or of the folder in LLAMAPANAMA_MODELS; skips the test where there is none. */
    public static Path real(String name) {
        String folder = System.getenv("LLAMAPANAMA_MODELS");
        Path path = (folder == null ? Path.of("..", "..", "shared", "models") : Path.of(folder)).resolve(name);
        Assumptions.assumeTrue(Files.isRegularFile(path), path + " is not on this machine (set LLAMAPANAMA_MODELS)");
        return path;
    }

    /** {@code n} different token ids of a forged vocabulary. */
    static int[] tokens(int n) {
        return IntStream.range(0, n).map(i -> 3 + i * 7 % 250).toArray();
    }

    /** Decodes tokens of one sequence from a position on, with output for the last one. */
    public static void decode(Context context, int sequence, int from, int... tokens) {
        int done = 0;
        while (done < tokens.length) {
            Batch batch = context.batch();
            batch.clear();
            while (batch.remaining() > 0 && done < tokens.length) {
                batch.add(tokens[done], from + done, sequence, done == tokens.length - 1);
                done++;
            }
            context.decode();
        }
    }

    /** Decodes tokens of sequence 0 from the start, and takes the logits of the last one. */
    static float[] logits(Context context, int... tokens) {
        decode(context, 0, 0, tokens);
        return context.logits(-1).toArray();
    }

    /** Asserts that logits agree but for the rounding of another order of sums. */
    public static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
        }
        assertThat(worst).as("largest difference of two logits").isLessThan(0.05);
    }
}
