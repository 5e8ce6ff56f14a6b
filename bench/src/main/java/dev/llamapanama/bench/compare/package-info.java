/** The engine beside other programs, measured in turn. */
@NullMarked
package dev.llamapanama.bench.compare;

import org.jspecify.annotations.NullMarked;
