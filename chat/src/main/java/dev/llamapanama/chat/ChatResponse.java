package dev.llamapanama.chat;

import dev.llamapanama.engine.FinishReason;

/**
 * A model's answer. Immutable.
 *
 * @param message of the {@linkplain ChatRole#ASSISTANT assistant}
 * @param finishReason why it ended
 * @param usage tokens that it took
 */
public record ChatResponse(ChatMessage message, FinishReason finishReason, Usage usage) {
    /**
     * Tokens.
     *
     * @param promptTokens of the prompt, with the cached ones
     * @param cachedTokens of the prompt that were computed before
     * @param generatedTokens of the answer
     */
    public record Usage(int promptTokens, int cachedTokens, int generatedTokens) {
        /** Both together. */
        public Usage plus(Usage other) {
            return new Usage(
                    promptTokens + other.promptTokens,
                    cachedTokens + other.cachedTokens,
                    generatedTokens + other.generatedTokens);
        }
    }
}
