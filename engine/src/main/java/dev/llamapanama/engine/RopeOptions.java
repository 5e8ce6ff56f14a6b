package dev.llamapanama.engine;

/**
 * How positions are encoded, where it differs from the model ({@code llama_context_params}, rope_* and yarn_*).
 * Immutable; the defaults take everything from the model.
 *
 * @param scaling how positions are stretched
 * @param base base frequency; 0: from the model
 * @param scale frequency scale, 0.25 for a context four times as long; 0: from the model
 * @param yarnExtrapolationFactor YaRN: mix of extrapolation; negative: from the model
 * @param yarnAttentionFactor YaRN: magnitude of attention; negative: from the model
 * @param yarnBetaFast YaRN: low correction dimension; negative: from the model
 * @param yarnBetaSlow YaRN: high correction dimension; negative: from the model
 * @param yarnOriginalContext YaRN: context length of the training, in tokens; 0: from the model
 */
public record RopeOptions(
        RopeScaling scaling,
        float base,
        float scale,
        float yarnExtrapolationFactor,
        float yarnAttentionFactor,
        float yarnBetaFast,
        float yarnBetaSlow,
        int yarnOriginalContext) {
    private static final RopeOptions DEFAULTS = new RopeOptions(RopeScaling.FROM_MODEL, 0, 0, -1, -1, -1, -1, 0);

    /** Checks. */
    public RopeOptions {
        atLeastZero("base", base);
        atLeastZero("scale", scale);
        finite("yarnExtrapolationFactor", yarnExtrapolationFactor);
        finite("yarnAttentionFactor", yarnAttentionFactor);
        finite("yarnBetaFast", yarnBetaFast);
        finite("yarnBetaSlow", yarnBetaSlow);
        if (yarnOriginalContext < 0) {
            throw new IllegalArgumentException(
                    "yarnOriginalContext is " + yarnOriginalContext + "; it must be 0 or more");
        }
    }

    private static void atLeastZero(String name, float value) {
        finite(name, value);
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be 0 or more");
        }
    }

    private static void finite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be a number");
        }
    }

    /** All from the model. */
    public static RopeOptions defaults() {
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

    /** Builds {@link RopeOptions}; see there for what each value means. */
    public static final class Builder {
        private RopeScaling scaling;
        private float base;
        private float scale;
        private float yarnExtrapolationFactor;
        private float yarnAttentionFactor;
        private float yarnBetaFast;
        private float yarnBetaSlow;
        private int yarnOriginalContext;

        private Builder(RopeOptions options) {
            scaling = options.scaling;
            base = options.base;
            scale = options.scale;
            yarnExtrapolationFactor = options.yarnExtrapolationFactor;
            yarnAttentionFactor = options.yarnAttentionFactor;
            yarnBetaFast = options.yarnBetaFast;
            yarnBetaSlow = options.yarnBetaSlow;
            yarnOriginalContext = options.yarnOriginalContext;
        }

        public Builder scaling(RopeScaling value) {
            scaling = value;
            return this;
        }

        public Builder base(float value) {
            base = value;
            return this;
        }

        public Builder scale(float value) {
            scale = value;
            return this;
        }

        public Builder yarnExtrapolationFactor(float value) {
            yarnExtrapolationFactor = value;
            return this;
        }

        public Builder yarnAttentionFactor(float value) {
            yarnAttentionFactor = value;
            return this;
        }

        public Builder yarnBetaFast(float value) {
            yarnBetaFast = value;
            return this;
        }

        public Builder yarnBetaSlow(float value) {
            yarnBetaSlow = value;
            return this;
        }

        public Builder yarnOriginalContext(int value) {
            yarnOriginalContext = value;
            return this;
        }

        public RopeOptions build() {
            return new RopeOptions(
                    scaling,
                    base,
                    scale,
                    yarnExtrapolationFactor,
                    yarnAttentionFactor,
                    yarnBetaFast,
                    yarnBetaSlow,
                    yarnOriginalContext);
        }
    }
}
