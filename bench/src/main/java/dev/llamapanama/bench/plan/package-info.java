/** Paper projections of speed for machines that are not here. */
@NullMarked
package dev.llamapanama.bench.plan;

import org.jspecify.annotations.NullMarked;
