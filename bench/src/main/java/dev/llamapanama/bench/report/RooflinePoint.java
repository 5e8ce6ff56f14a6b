package dev.llamapanama.bench.report;

/**
 * Tokens that are computed together, between the two ceilings of a machine (S. Williams et al., "Roofline", 2009).
 *
 * @param bytesPerToken that are read from memory: weights, keys and values, divided by the tokens
 * @param operationsPerToken multiplications and additions
 * @param readTs tokens per second if reading took all the time
 * @param multiplyTs tokens per second if multiplying took all the time
 */
public record RooflinePoint(double bytesPerToken, double operationsPerToken, double readTs, double multiplyTs) {
    /** Tokens per second at most: the slower of the two. */
    public double attainableTs() {
        return Math.min(readTs, multiplyTs);
    }
}
