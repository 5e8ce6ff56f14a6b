package dev.llamapanama.gguf.forge;

/** The sizes of a Mamba layer, which all follow from the embedding length, as in the published models. */
final class MambaShape {
    static final int CONVOLUTION = 4;
    static final int STATE = 16;

    private MambaShape() {}

    static int innerLength(ModelSpec spec) {
        return 2 * spec.embeddingLength();
    }

    static int timeStepRank(ModelSpec spec) {
        return Math.ceilDiv(spec.embeddingLength(), 16);
    }
}
