package dev.llamapanama.engine.service;

/** What becomes of a request whose prompt and answer are longer than {@link ServiceOptions#requestLength}. */
public enum OverflowPolicy {
    /** {@link InferenceService#submit} throws a {@link dev.llamapanama.engine.ContextOverflowException}. */
    REJECT,
    /** Tokens in the middle of the prompt are left out, so that its beginning and its end stay, in equal parts. */
    TRUNCATE_MIDDLE,
    /**
     * When there is no room for another token, the older half of what follows the first {@link
     * dev.llamapanama.engine.GenerationOptions#keep} tokens of the prompt goes, and what stays is computed again. The prompt
     * itself must fit.
     */
    SHIFT
}
