/** Models with random weights, made when none is named. */
@NullMarked
package dev.llamapanama.bench.model;

import org.jspecify.annotations.NullMarked;
