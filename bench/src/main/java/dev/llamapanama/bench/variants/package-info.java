/** Builds and settings of the engine, measured in turn. */
@NullMarked
package dev.llamapanama.bench.variants;

import org.jspecify.annotations.NullMarked;
