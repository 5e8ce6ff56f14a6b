/** For tests of what stands on a {@link dev.llamapanama.chat.ChatModel}. */
@NullMarked
package dev.llamapanama.chat.testing;

import org.jspecify.annotations.NullMarked;
