/** Speed of prompt processing and generation, measured as llama-bench measures it. */
@NullMarked
package dev.llamapanama.bench.throughput;

import org.jspecify.annotations.NullMarked;
