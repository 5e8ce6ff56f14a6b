package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.ContextOptions;

/**
 * How texts are packed into decodes, and the context that computes them. Immutable.
 *
 * <p>A text is computed at once, so the context's batch and ubatch hold the longest one. llama.cpp keeps room for a row of
 * logits per token of the largest decode so far, which is vocabulary × tokens × 4 bytes: 1 GB for 8,192 tokens of a BERT
 * vocabulary of 30,000.
 *
 * @param maxTokens tokens of the longest text, those for begin and end included; 0: the context length of the model's
 *     training, but at most {@value #LARGEST_DEFAULT}
 * @param batchTokens texts are added to a decode up to so many tokens; a longer text has a decode of its own. Attention
 *     is computed between all tokens of a decode, so that more than some hundred cost more than they gain
 * @param maxSequences the most texts in a decode, 1 to 256
 * @param context threads, attention, RoPE scaling, flash attention and types of the context. Its lengths, sequences,
 *     pooling and {@code embeddings} are set here and are not looked at
 */
public record PackingOptions(int maxTokens, int batchTokens, int maxSequences, ContextOptions context) {
    private static final int LARGEST_DEFAULT = 8192;
    private static final int LARGEST = 1 << 20;
    private static final PackingOptions DEFAULTS = new PackingOptions(0, 512, 64, ContextOptions.defaults());

    /** Checks the numbers. */
    public PackingOptions {
        inRange("maxTokens", maxTokens, 0, LARGEST);
        inRange("batchTokens", batchTokens, 1, LARGEST);
        inRange("maxSequences", maxSequences, 1, 256); // LLAMA_MAX_SEQ
    }

    private static void inRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + min + " to " + max);
        }
    }

    /** 512 tokens or 64 texts to a decode. */
    public static PackingOptions defaults() {
        return DEFAULTS;
    }

    /** With another {@code maxTokens}. */
    public PackingOptions withMaxTokens(int value) {
        return new PackingOptions(value, batchTokens, maxSequences, context);
    }

    /** With another {@code batchTokens}. */
    public PackingOptions withBatchTokens(int value) {
        return new PackingOptions(maxTokens, value, maxSequences, context);
    }

    /** With another {@code maxSequences}. */
    public PackingOptions withMaxSequences(int value) {
        return new PackingOptions(maxTokens, batchTokens, value, context);
    }

    /** With another {@code context}. */
    public PackingOptions withContext(ContextOptions value) {
        return new PackingOptions(maxTokens, batchTokens, maxSequences, value);
    }

    /** {@code maxTokens}, or the default for a model that was trained for so many tokens (0 if that is not known). */
    int maxTokensFor(int trained) {
        return maxTokens > 0 ? maxTokens : Math.min(trained, LARGEST_DEFAULT);
    }
}
