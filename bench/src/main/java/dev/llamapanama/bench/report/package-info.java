/** Results and the forms in which they are written; those of throughput have llama-bench's field names. */
@NullMarked
package dev.llamapanama.bench.report;

import org.jspecify.annotations.NullMarked;
