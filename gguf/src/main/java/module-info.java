import org.jspecify.annotations.NullMarked;

/**
 * GGUF model files: a reader that trusts no byte, a streaming writer, and a forge that makes models with random weights.
 *
 * <p>Pure Java: no native code, no restricted methods, no dependency at run time.
 */
@NullMarked
module dev.llamapanama.gguf {
    requires static org.jspecify;

    exports dev.llamapanama.gguf;
    exports dev.llamapanama.gguf.forge;
}
