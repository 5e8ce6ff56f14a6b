/**
 * Local language models in the JVM, as a ladder whose rungs are usable alone: {@link dev.llamapanama.engine.Backend},
 * {@link dev.llamapanama.engine.Model}, {@link dev.llamapanama.engine.Context} with
 * {@link dev.llamapanama.engine.Batch} and {@link dev.llamapanama.engine.Sequence}, samplers, and text generation.
 *
 * <p>Objects with native memory are {@link AutoCloseable}; using one after {@code close()} is an
 * {@link IllegalStateException} that names it. What goes wrong outside the program (a damaged file, a full memory) is a
 * {@link dev.llamapanama.engine.LlamaException}; wrong arguments are {@link IllegalArgumentException}s.
 */
package dev.llamapanama.engine;
