/**
 * Reading, checking and writing GGUF files.
 *
 * <p>{@link dev.llamapanama.gguf.GgufFile} reads what a file says and proves that it is well formed;
 * {@link dev.llamapanama.gguf.GgufModelCheck} proves that llama.cpp can load it without ending the process;
 * {@link dev.llamapanama.gguf.GgufWriter} writes such files. Terms and layout follow {@code ggml/include/gguf.h}.
 */
package dev.llamapanama.gguf;
