/** Tools of Java methods and lambdas, and the loop that lets a model call them. */
@NullMarked
package dev.llamapanama.chat.tool;

import org.jspecify.annotations.NullMarked;
