import org.jspecify.annotations.NullMarked;

/**
 * llama.cpp as native libraries, and the seam through which {@code dev.llamapanama.engine} calls them.
 *
 * <p>Nothing here is for users: the exports are qualified, and what crosses them (memory segments, arenas) stays inside
 * the engine. All restricted methods of the Foreign Function and Memory API are called in this module, so it is the one
 * to name in {@code --enable-native-access=dev.llamapanama.bindings} ({@code ALL-UNNAMED} on the class path).
 */
@NullMarked
module dev.llamapanama.bindings {
    // the engine is the only reader: on the module path users cannot reach a raw pointer
    exports dev.llamapanama.bindings to
            dev.llamapanama.engine;

    requires static org.jspecify;
}
