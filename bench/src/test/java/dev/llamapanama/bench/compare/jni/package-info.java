/** Measures the JNI binding {@code de.kherud:llama}; only here, among the tests, is it on the class path. */
@NullMarked
package dev.llamapanama.bench.compare.jni;

import org.jspecify.annotations.NullMarked;
