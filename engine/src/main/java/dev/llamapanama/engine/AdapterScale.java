package dev.llamapanama.engine;

/**
 * A LoRA adapter and how strongly it acts.
 *
 * @param scale 1 for as trained, 0 for not at all; negative values act against it
 */
public record AdapterScale(LoraAdapter adapter, float scale) {
    /** Checks. */
    public AdapterScale {
        if (!Float.isFinite(scale)) {
            throw new IllegalArgumentException("the scale of " + adapter + " is " + scale + "; it must be a number");
        }
    }

    /** The adapter as trained. */
    public static AdapterScale of(LoraAdapter adapter) {
        return new AdapterScale(adapter, 1);
    }
}
