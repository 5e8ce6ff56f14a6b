/** Speed and latency of parallel sequences in one context, measured as llama-batched-bench measures them. */
@NullMarked
package dev.llamapanama.bench.streams;

import org.jspecify.annotations.NullMarked;
