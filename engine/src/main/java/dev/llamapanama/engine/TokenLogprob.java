package dev.llamapanama.engine;

/**
 * A token and its log-probability under the model. Immutable.
 *
 * @param token token id
 * @param logprob natural logarithm of the probability, at most 0
 */
public record TokenLogprob(int token, double logprob) {}
