import org.jspecify.annotations.NullMarked;

/** Metrics of the engine's inference service for Micrometer. */
@NullMarked
@SuppressWarnings("requires-transitive-automatic") // Micrometer has no descriptor
module dev.llamapanama.micrometer {
    requires transitive dev.llamapanama.engine;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports dev.llamapanama.micrometer;
}
