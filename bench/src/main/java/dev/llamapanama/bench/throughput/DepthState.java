package dev.llamapanama.bench.throughput;

import dev.llamapanama.engine.Sequence;
import dev.llamapanama.engine.StateException;
import org.jspecify.annotations.Nullable;

/** The memory of the last test that began at some depth, so that the next one need not decode as many tokens again. */
final class DepthState {
    private @Nullable TestCase owner;
    private byte[] state = {};

    /** Puts the kept memory in place; false if what is kept is another test's, and the tokens have to be decoded. */
    boolean restore(TestCase test, Sequence sequence) {
        if (owner == null || !key(owner).equals(key(test))) {
            return false;
        }
        try {
            sequence.restoreState(state);
            return true;
        } catch (StateException e) {
            return false;
        }
    }

    /** Keeps a sequence's memory. */
    void save(TestCase test, Sequence sequence) {
        state = sequence.saveState();
        owner = test;
    }

    /** What the memory depends on. */
    private static TestCase key(TestCase test) {
        return test.withPrompt(0).withGen(0);
    }
}
