package dev.llamapanama.engine;

/** Hears how far the load of a model is, and can stop it. Called by the thread that loads; an exception stops the load and is rethrown. */
@FunctionalInterface
public interface LoadListener {
    /** Lets every load go on. */
    LoadListener NONE = fraction -> true;

    /**
     * Reports progress; called often.
     *
     * @param fraction from 0 to 1
     * @return false to stop the load, which then throws {@link CancelledException}
     */
    boolean progress(float fraction);
}
