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
    /** Of several contexts of one model: its weights count once. */
    public MemoryUse plus(MemoryUse other) {
        return new MemoryUse(
                Math.max(weightBytes, other.weightBytes),
                contextBytes + other.contextBytes,
                computeBytes + other.computeBytes);
    }
}
