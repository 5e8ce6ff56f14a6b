package dev.llamapanama.gguf.forge;

/**
 * The sizes of Qwen3.5's recurrent layers.
 *
 * @param stateLength width of one head's keys and values
 * @param keyHeads heads of keys and queries
 * @param valueHeads heads of values
 */
record DeltaNet(int stateLength, int keyHeads, int valueHeads) {
    /** Each layer whose number, from 1, is a multiple of this is attention; the others are recurrent. */
    static final int FULL_ATTENTION_INTERVAL = 4;

    static final int CONVOLUTION = 4;

    static DeltaNet of(ModelSpec spec) {
        return new DeltaNet(spec.headLength(), spec.kvHeads(), spec.heads());
    }

    int innerLength() {
        return stateLength * valueHeads;
    }

    int convolvedLength() {
        return 2 * stateLength * keyHeads + innerLength();
    }
}
