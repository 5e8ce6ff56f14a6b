package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A chain that looks at the largest logits alone chooses as one that looks at all of them. */
class SamplerLargestTest {
    private static final int VOCABULARY = 5_000;
    private static final int ROUNDS = 100;

    @BeforeAll
    static void loadTheLibraries() {
        Backend.load();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 40, 78}) // 5,000 / 64 = 78: with more, all are looked at
    void theSameTokensInTheSameOrder(int k) {
        try (Arena arena = Arena.ofConfined()) {
            Pair pair = new Pair(arena, k, k, new int[0]);
            Random random = new Random(k);
            for (int round = 0; round < ROUNDS; round++) {
                pair.check(random(random));
            }
        }
    }

    @Test
    void loweredTokensCostAPlaceEach() {
        try (Arena arena = Arena.ofConfined()) {
            int[] lowered = {7, 8, 4_999};
            Pair pair = new Pair(arena, 2, 2 + lowered.length, lowered);
            Random random = new Random(3);
            for (int round = 0; round < ROUNDS; round++) {
                float[] logits = random(random);
                for (int token : lowered) {
                    logits[token] = 100 + random.nextFloat(); // the largest, until they are lowered
                }
                pair.check(logits);
            }
        }
    }

    @Test
    void whatIsNoNumberIsNotChosen() {
        try (Arena arena = Arena.ofConfined()) {
            Pair pair = new Pair(arena, 2, 2, new int[0]);
            float[] logits = new float[VOCABULARY];
            Arrays.fill(logits, Float.NaN);
            logits[17] = Float.NEGATIVE_INFINITY;
            logits[18] = 2;
            logits[19] = 3;
            logits[4_000] = -5;
            assertThat(pair.few(logits)).isIn(18, 19);
        }
    }

    @Test
    void whereThereAreTooFewNumbersAllIsLookedAt() {
        try (Arena arena = Arena.ofConfined()) {
            Pair pair = new Pair(arena, 2, 2, new int[0]);
            float[] logits = new float[VOCABULARY];
            Arrays.fill(logits, Float.NaN);
            logits[17] = 1;
            pair.check(logits);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 40})
    void ofEqualsTheFirstIsTaken(int largest) {
        try (Arena arena = Arena.ofConfined();
                Arena call = Arena.ofConfined()) {
            NativeError error = new NativeError(call);
            MemorySegment chain = Llama.chainInit(error);
            Llama.chainAddGreedy(chain, error);
            MemorySegment sampler = Llama.samplerInit(chain, MemorySegment.NULL, new int[0], largest, arena, error);
            float[] logits = new float[VOCABULARY];
            logits[5] = 0.5f;
            logits[30] = 0.8f;
            logits[300] = 1;
            logits[200] = 1;
            logits[4_999] = 1;
            MemorySegment values = call.allocateFrom(ValueLayout.JAVA_FLOAT, logits);
            assertThat(Llama.samplerSampleLogits(sampler, values, VOCABULARY, error))
                    .isEqualTo(200);
        }
    }

    private static float[] random(RandomGenerator random) {
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian() * 3;
        }
        logits[random.nextInt(VOCABULARY)] = Float.NEGATIVE_INFINITY;
        return logits;
    }

    /** The same chain twice: with the largest logits, and with all. */
    private static final class Pair {
        private final MemorySegment few;
        private final MemorySegment all;
        private final NativeError error;

        Pair(Arena arena, int k, int largest, int[] lowered) {
            error = new NativeError(arena);
            few = sampler(arena, k, largest, lowered);
            all = sampler(arena, k, 0, lowered);
        }

        private MemorySegment sampler(Arena arena, int k, int largest, int[] lowered) {
            MemorySegment chain = Llama.chainInit(error);
            float[] biases = new float[lowered.length];
            Arrays.fill(biases, -200);
            Llama.chainAddLogitBias(chain, VOCABULARY, lowered, biases, error);
            Llama.chainAddTopK(chain, k, error);
            Llama.chainAddTopP(chain, 0.95f, 0, error);
            Llama.chainAddTemp(chain, 2, error);
            Llama.chainAddDist(chain, 11, error);
            return Llama.samplerInit(chain, MemorySegment.NULL, new int[0], largest, arena, error);
        }

        int few(float[] logits) {
            return sample(few, logits);
        }

        void check(float[] logits) {
            assertThat(few(logits)).isEqualTo(sample(all, logits));
        }

        private int sample(MemorySegment sampler, float[] logits) {
            try (Arena call = Arena.ofConfined()) {
                MemorySegment values = call.allocateFrom(ValueLayout.JAVA_FLOAT, logits);
                return Llama.samplerSampleLogits(sampler, values, VOCABULARY, error);
            }
        }
    }
}
