package dev.llamapanama.engine;

/** Why a generation ended. */
public enum FinishReason {
    /** The model chose a token that ends the generation. */
    END_OF_GENERATION,
    /** One of {@link GenerationOptions#stopStrings} appeared. */
    STOP_STRING,
    /** {@link GenerationOptions#maxTokens} is reached. */
    MAX_TOKENS,
    /** The context has no room for another token, and context shift was off or is impossible for this model. */
    CONTEXT_FULL,
    /** {@link Generation#cancel} was called, or the generation was closed before its end. */
    CANCELLED,
    /** A request's time was over; see {@link dev.llamapanama.engine.service.GenerationRequest#timeout}. */
    DEADLINE
}
