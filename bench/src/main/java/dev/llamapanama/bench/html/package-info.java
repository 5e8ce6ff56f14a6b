/** Results as a page with plots, which opens without a network. */
@NullMarked
package dev.llamapanama.bench.html;

import org.jspecify.annotations.NullMarked;
