package dev.llamapanama.engine.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorsTest {
    @Test
    void dotIsTheSumOfProducts() {
        Random random = new Random(1);
        for (int length = 0; length < 20; length++) {
            float[] a = new float[length];
            float[] b = new float[length];
            double expected = 0;
            for (int i = 0; i < length; i++) {
                a[i] = random.nextFloat(-1, 1);
                b[i] = random.nextFloat(-1, 1);
                expected += (double) a[i] * b[i];
            }
            assertThat((double) Vectors.dot(a, b)).isCloseTo(expected, within(1e-5));
        }
    }

    @Test
    void cosineIsThatOfTheAngle() {
        assertThat(Vectors.cosine(new float[] {3, 0}, new float[] {0.5f, 0})).isEqualTo(1);
        assertThat(Vectors.cosine(new float[] {3, 0}, new float[] {0, 7})).isZero();
        assertThat(Vectors.cosine(new float[] {1, 1}, new float[] {-2, -2})).isEqualTo(-1, within(1e-6f));
        assertThat(Vectors.cosine(new float[] {1, 1}, new float[] {0, 0})).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> Vectors.cosine(new float[1], new float[2]));
    }

    @Test
    void normalizationsAreThoseOfLlamaCpp() {
        assertThat(normalized(Normalization.NONE)).containsExactly(3, -4, 0);
        assertThat(normalized(Normalization.MAX_ABSOLUTE))
                .containsExactly(new float[] {24570, -32760, 0}, within(0.01f));
        assertThat(normalized(Normalization.TAXICAB)).containsExactly(new float[] {3 / 7f, -4 / 7f, 0}, within(1e-6f));
        assertThat(normalized(Normalization.EUCLIDEAN)).containsExactly(new float[] {0.6f, -0.8f, 0}, within(1e-6f));
        float cubic = (float) Math.cbrt(27 + 64);
        assertThat(normalized(new Normalization(3)))
                .containsExactly(new float[] {3 / cubic, -4 / cubic, 0}, within(1e-6f));
        float[] zeros = new float[3];
        Normalization.EUCLIDEAN.apply(zeros);
        assertThat(zeros).containsOnly(0);
        assertThatIllegalArgumentException().isThrownBy(() -> new Normalization(-2));
    }

    private static float[] normalized(Normalization normalization) {
        float[] vector = {3, -4, 0};
        normalization.apply(vector);
        return vector;
    }
}
