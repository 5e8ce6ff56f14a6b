package dev.llamapanama.engine;

import java.util.Set;

/**
 * A token as the vocabulary has it.
 *
 * @param id the token id
 * @param text its text as in the file, in the tokenizer's own spelling (for readable text use {@link Vocabulary#bytes})
 * @param score its score; 0 for tokenizers without scores
 * @param attributes what kind of token it is
 */
public record TokenInfo(int id, String text, float score, Set<TokenAttribute> attributes) {
    /** Copies the attributes. */
    public TokenInfo {
        attributes = Set.copyOf(attributes);
    }
}
