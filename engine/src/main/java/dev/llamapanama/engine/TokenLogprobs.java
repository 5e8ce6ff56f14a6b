package dev.llamapanama.engine;

import java.util.List;

/**
 * Log-probabilities at one position: the log-softmax of the model's raw logits, before any sampler changed them. Immutable.
 *
 * @param chosen the token that was sampled
 * @param top the likeliest tokens, likeliest first; equals are in the order of their ids
 */
public record TokenLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {
    /** Copies the list. */
    public TokenLogprobs {
        top = List.copyOf(top);
    }
}
