package dev.llamapanama.engine;

/**
 * From how many tokens on, computed together, our own kernels take the matrix products of a weight type; llama.cpp's CPU backend
 * computes the others. Measured with the default number of threads. {@link Integer#MAX_VALUE} is never. Immutable.
 *
 * @param weights the weight type, as "Q8_0"
 * @param small for matrices of less than 1 MiB
 * @param large for larger ones
 * @param experts for mixtures of experts: tokens of one expert, on average
 */
public record KernelThresholds(String weights, int small, int large, int experts) {}
