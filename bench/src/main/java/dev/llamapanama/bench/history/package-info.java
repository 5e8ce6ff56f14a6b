/** Figures of releases and of deliberate runs, kept in the repository. */
@NullMarked
package dev.llamapanama.bench.history;

import org.jspecify.annotations.NullMarked;
