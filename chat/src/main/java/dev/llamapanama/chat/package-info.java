/** Messages, and models that answer them. */
@NullMarked
package dev.llamapanama.chat;

import org.jspecify.annotations.NullMarked;
