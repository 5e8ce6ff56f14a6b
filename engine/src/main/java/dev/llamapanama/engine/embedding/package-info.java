/**
 * Texts as vectors: {@link dev.llamapanama.engine.embedding.Embedder} for search and comparison,
 * {@link dev.llamapanama.engine.embedding.Reranker} for the order of what a search found. Both pack many texts into one
 * decode, and may be used by any number of threads.
 */
package dev.llamapanama.engine.embedding;
