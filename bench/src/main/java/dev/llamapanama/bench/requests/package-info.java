/** {@code requests}: many requests at once through the engine's service, beside llama-server. */
@NullMarked
package dev.llamapanama.bench.requests;

import org.jspecify.annotations.NullMarked;
