/** What the commands share: numbers and files as arguments, progress, output. */
@NullMarked
package dev.llamapanama.bench.cli;

import org.jspecify.annotations.NullMarked;
