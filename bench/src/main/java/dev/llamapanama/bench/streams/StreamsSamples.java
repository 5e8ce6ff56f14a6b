package dev.llamapanama.bench.streams;

import java.time.Instant;

/**
 * What was measured in one case.
 *
 * @param start when it began
 * @param promptNanoseconds time of prompt processing in each repetition
 * @param genNanoseconds time of generation in each repetition
 * @param stepNanoseconds time of each generation step, the repetitions one after another; a step gives each stream a
 *     token, so this is the streams' inter-token latency
 */
record StreamsSamples(Instant start, long[] promptNanoseconds, long[] genNanoseconds, long[] stepNanoseconds) {}
