import org.jspecify.annotations.NullMarked;

/**
 * What users of llamapanama see: models, contexts, samplers and text generation.
 *
 * <p>No pointer, memory segment or arena appears in a public signature; all native code is reached through
 * {@code dev.llamapanama.bindings}, the module to name in {@code --enable-native-access}.
 */
@NullMarked
module dev.llamapanama.engine {
    requires dev.llamapanama.bindings;
    requires dev.llamapanama.gguf;
    requires java.management;
    requires jdk.jfr;
    requires jdk.management; // memory of this machine or container
    requires static org.jspecify;

    exports dev.llamapanama.engine;
    exports dev.llamapanama.engine.embedding;
    exports dev.llamapanama.engine.prompt;
    exports dev.llamapanama.engine.service;
}
