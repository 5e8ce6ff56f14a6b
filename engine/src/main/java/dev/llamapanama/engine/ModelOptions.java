package dev.llamapanama.engine;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How to load a model ({@code llama_model_params}). Immutable; defaults are llama.cpp's.
 *
 * @param loadMode how the file gets into memory
 * @param vocabularyOnly load the vocabulary and no weights; no context can be made then
 * @param checkTensors look for values in the weights that are no numbers, which reads the whole file
 * @param repack whether llama.cpp may rearrange weights for this CPU; faster, but such weights are copied from the file. It
 *     does not concern those that our own kernels multiply ({@link Backend#kernels}), which stay as they are
 * @param gpuLayers layers for a GPU, if a GPU backend is loaded; negative: all
 * @param metadataOverrides replaces metadata of the file: {@link Long} (or {@link Integer}), {@link Double} (or
 *     {@link Float}), {@link Boolean} or {@link String} by key; keys and text of at most 127 bytes. A value
 *     of another type than the file's is ignored
 * @param listener hears progress and can stop the load
 */
public record ModelOptions(
        LoadMode loadMode,
        boolean vocabularyOnly,
        boolean checkTensors,
        boolean repack,
        int gpuLayers,
        Map<String, Object> metadataOverrides,
        LoadListener listener) {
    private static final ModelOptions DEFAULTS =
            new ModelOptions(LoadMode.AUTO, false, false, true, -1, Map.of(), LoadListener.NONE);
    private static final int MAX_OVERRIDE_BYTES = 127;

    /** Checks and copies. */
    public ModelOptions {
        Map<String, Object> overrides = new LinkedHashMap<>();
        metadataOverrides.forEach((key, value) -> overrides.put(checked("key", key), normal(key, value)));
        metadataOverrides = Collections.unmodifiableMap(overrides);
    }

    private static Object normal(String key, Object value) {
        return switch (value) {
            case Long number -> number;
            case Integer number -> number.longValue();
            case Double number -> number;
            case Float number -> number.doubleValue();
            case Boolean bool -> bool;
            case String text -> checked("text of " + key, text);
            default ->
                throw new IllegalArgumentException("metadata override " + key + " is a "
                        + value.getClass().getName() + "; Long, Double, Boolean and String are possible");
        };
    }

    private static String checked(String what, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_OVERRIDE_BYTES || text.indexOf(0) >= 0 || (text.isEmpty() && what.equals("key"))) {
            throw new IllegalArgumentException("the " + what + " of a metadata override has " + length + " bytes; 1 to "
                    + MAX_OVERRIDE_BYTES + " are possible, none of them zero");
        }
        return text;
    }

    /** llama.cpp's defaults. */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** A builder that starts with these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds {@link ModelOptions}; see there for what each value means. */
    public static final class Builder {
        private LoadMode loadMode;
        private boolean vocabularyOnly;
        private boolean checkTensors;
        private boolean repack;
        private int gpuLayers;
        private final Map<String, Object> metadataOverrides;
        private LoadListener listener;

        private Builder(ModelOptions options) {
            loadMode = options.loadMode;
            vocabularyOnly = options.vocabularyOnly;
            checkTensors = options.checkTensors;
            repack = options.repack;
            gpuLayers = options.gpuLayers;
            metadataOverrides = new LinkedHashMap<>(options.metadataOverrides);
            listener = options.listener;
        }

        public Builder loadMode(LoadMode value) {
            loadMode = value;
            return this;
        }

        public Builder vocabularyOnly(boolean value) {
            vocabularyOnly = value;
            return this;
        }

        public Builder checkTensors(boolean value) {
            checkTensors = value;
            return this;
        }

        public Builder repack(boolean value) {
            repack = value;
            return this;
        }

        public Builder gpuLayers(int value) {
            gpuLayers = value;
            return this;
        }

        /** Adds an override, or replaces the one of that key. */
        public Builder metadataOverride(String key, Object value) {
            metadataOverrides.put(key, value);
            return this;
        }

        public Builder listener(LoadListener value) {
            listener = value;
            return this;
        }

        public ModelOptions build() {
            return new ModelOptions(
                    loadMode, vocabularyOnly, checkTensors, repack, gpuLayers, metadataOverrides, listener);
        }
    }
}
