package dev.llamapanama.bench.throughput;

import java.time.Instant;

/**
 * What was measured in one test.
 *
 * @param start when the test began
 * @param nanoseconds time of each repetition
 * @param timeToFirstToken for each repetition of a test with a prompt, nanoseconds from the first prompt token given to
 *     the engine until the first token is sampled; empty in other tests
 */
record Samples(Instant start, long[] nanoseconds, long[] timeToFirstToken) {}
