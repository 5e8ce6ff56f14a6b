/** Statistics of samples. */
@NullMarked
package dev.llamapanama.bench.statistics;

import org.jspecify.annotations.NullMarked;
