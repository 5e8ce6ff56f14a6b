package dev.llamapanama.engine;

import java.util.Optional;

/**
 * What one token adds to the text. Immutable.
 *
 * @param text whole code points only; empty while a code point is incomplete, or while the text could become a stop string
 * @param token token id, or {@link #NO_TOKEN} for text that was held back until the generation ended
 * @param logprobs if {@link GenerationOptions#logprobs} asks for them
 */
public record Piece(String text, int token, Optional<TokenLogprobs> logprobs) {
    /** Stands for "no token" in a last piece of held-back text. */
    public static final int NO_TOKEN = -1;
}
