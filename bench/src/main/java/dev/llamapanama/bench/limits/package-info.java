/** What the machine can do at most, what a model asks of it, and so how fast a model could be. */
@NullMarked
package dev.llamapanama.bench.limits;

import org.jspecify.annotations.NullMarked;
