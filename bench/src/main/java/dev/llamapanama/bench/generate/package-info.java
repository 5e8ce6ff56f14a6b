/** Text from a prompt. */
@NullMarked
package dev.llamapanama.bench.generate;

import org.jspecify.annotations.NullMarked;
