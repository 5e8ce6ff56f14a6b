package dev.llamapanama.engine;

/**
 * Bytes of native memory by what they are for ({@code llama_get_memory_breakdown}). Immutable. {@link MemoryEstimate} tells them
 * before anything is loaded.
 *
 * @param weightBytes of the model, which its contexts share; mapped from its files, if it was loaded so
 * @param contextBytes keys and values, or recurrent states
 * @param computeBytes intermediate results
 */
public record MemoryUse(long weightBytes, long contextBytes, long computeBytes) {
    /** Together with another context of the same model, whose weights count once. */
    public MemoryUse plusContext(MemoryUse other) {
        return new MemoryUse(weightBytes, contextBytes + other.contextBytes, computeBytes + other.computeBytes);
    }

    /** Together with a context of another model. */
    public MemoryUse plus(MemoryUse other) {
        return new MemoryUse(
                weightBytes + other.weightBytes, contextBytes + other.contextBytes, computeBytes + other.computeBytes);
    }
}
