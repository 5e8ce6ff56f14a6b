/** What a measurement ran on. */
@NullMarked
package dev.llamapanama.bench.machine;

import org.jspecify.annotations.NullMarked;
