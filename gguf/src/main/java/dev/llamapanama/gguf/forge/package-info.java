/**
 * Models with random weights, made on the spot from a shape and a seed.
 *
 * <p>They say nothing sensible, but llama.cpp loads and runs them like any other model, at the speed of the real one of
 * the same shape. Tests and benchmarks so need no download. Start at {@link dev.llamapanama.gguf.forge.TinyModels} (tests),
 * {@link dev.llamapanama.gguf.forge.ModelShapes} (benchmarks) and {@link dev.llamapanama.gguf.forge.ForgeCache}.
 */
package dev.llamapanama.gguf.forge;
