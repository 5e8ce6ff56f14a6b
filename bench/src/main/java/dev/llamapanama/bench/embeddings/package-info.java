/** {@code embeddings}: documents per second, beside llama-server. */
@NullMarked
package dev.llamapanama.bench.embeddings;

import org.jspecify.annotations.NullMarked;
