package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;
import java.util.EnumSet;
import java.util.Set;

/** What kind of token a token is ({@code llama_token_attr}). */
public enum TokenAttribute {
    /** Stands for what the tokenizer does not know. */
    UNKNOWN(LlamaConstants.LLAMA_TOKEN_ATTR_UNKNOWN),
    /** Reserved. */
    UNUSED(LlamaConstants.LLAMA_TOKEN_ATTR_UNUSED),
    /** Text. */
    NORMAL(LlamaConstants.LLAMA_TOKEN_ATTR_NORMAL),
    /** A mark for the model, not text. */
    CONTROL(LlamaConstants.LLAMA_TOKEN_ATTR_CONTROL),
    /** Added by whoever trained the model. */
    USER_DEFINED(LlamaConstants.LLAMA_TOKEN_ATTR_USER_DEFINED),
    /** One byte. */
    BYTE(LlamaConstants.LLAMA_TOKEN_ATTR_BYTE),
    /** Its text is normalized. */
    NORMALIZED(LlamaConstants.LLAMA_TOKEN_ATTR_NORMALIZED),
    /** Swallows blanks before it. */
    LEFT_STRIP(LlamaConstants.LLAMA_TOKEN_ATTR_LSTRIP),
    /** Swallows blanks after it. */
    RIGHT_STRIP(LlamaConstants.LLAMA_TOKEN_ATTR_RSTRIP),
    /** Matches whole words only. */
    SINGLE_WORD(LlamaConstants.LLAMA_TOKEN_ATTR_SINGLE_WORD);

    private final int bit;

    TokenAttribute(int bit) {
        this.bit = bit;
    }

    static Set<TokenAttribute> of(int bits) {
        EnumSet<TokenAttribute> set = EnumSet.noneOf(TokenAttribute.class);
        for (TokenAttribute attribute : values()) {
            if ((bits & attribute.bit) != 0) {
                set.add(attribute);
            }
        }
        return Set.copyOf(set);
    }
}
