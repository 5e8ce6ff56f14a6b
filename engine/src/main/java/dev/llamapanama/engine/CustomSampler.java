package dev.llamapanama.engine;

/**
 * A sampler written in Java, as one step of a {@link SamplerChain} ({@code llama_sampler_i}).
 *
 * <p>Called on the thread that samples. An exception stops nothing in native code: it is thrown from {@link
 * Sampler#sample}, {@link Sampler#accept} or {@link Sampler#reset} after the native call has returned. The sampler and its
 * chain must not be used from within.
 */
@FunctionalInterface
public interface CustomSampler {
    /**
     * Changes, removes or selects candidates.
     *
     * @param candidates valid during the call only
     */
    void apply(Candidates candidates);

    /** Hears of a token that became part of the sequence; where a grammar waits for a trigger, on a helper thread. */
    default void accept(int token) {}

    /** Forgets the sequence. */
    default void reset() {}

    /**
     * What {@link Sampler#copy} puts into the copy. A sampler with state of its own returns an independent copy of itself;
     * by default both chains share this object.
     */
    default CustomSampler copy() {
        return this;
    }
}
