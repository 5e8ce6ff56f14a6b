/**
 * Throughput runs of the engine, in llama-bench's method and with its field names, and comparisons with it.
 *
 * <p>An application, not a library: nothing here is meant to be called from outside.
 */
@NullMarked
package dev.llamapanama.bench;

import org.jspecify.annotations.NullMarked;
