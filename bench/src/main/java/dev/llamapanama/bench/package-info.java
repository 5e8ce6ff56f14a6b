/**
 * The command line that measures the engine beside llama.cpp's own tools; each package below holds one command, or what
 * several share.
 *
 * <p>An application, not a library: nothing here is meant to be called from outside.
 */
@NullMarked
package dev.llamapanama.bench;

import org.jspecify.annotations.NullMarked;
