/** How long a user waits: for the first token, for a model to load, for a JVM to start. */
@NullMarked
package dev.llamapanama.bench.latency;

import org.jspecify.annotations.NullMarked;
