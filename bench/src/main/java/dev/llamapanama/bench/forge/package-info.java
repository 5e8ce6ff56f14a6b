/** Model files with random weights. */
@NullMarked
package dev.llamapanama.bench.forge;

import org.jspecify.annotations.NullMarked;
