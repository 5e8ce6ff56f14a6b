package dev.llamapanama.engine.embedding;

/**
 * How well a document answers a query.
 *
 * @param index which document it is, in the order given, from 0
 * @param score the model's number, larger for better ones; its range is the model's own (a logit for most BERTs, a
 *     probability for Qwen3)
 * @param tokens tokens of query and document together
 */
public record RerankResult(int index, float score, int tokens) {}
