package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** Kinds of tokenizers ({@code llama_vocab_type}). */
public enum VocabularyType {
    /** No vocabulary. */
    NONE(LlamaConstants.LLAMA_VOCAB_TYPE_NONE),
    /** SentencePiece with byte fallback, as of Llama. */
    SPM(LlamaConstants.LLAMA_VOCAB_TYPE_SPM),
    /** Byte-level byte-pair encoding, as of GPT-2. */
    BPE(LlamaConstants.LLAMA_VOCAB_TYPE_BPE),
    /** WordPiece, as of BERT. */
    WPM(LlamaConstants.LLAMA_VOCAB_TYPE_WPM),
    /** Unigram, as of T5. */
    UGM(LlamaConstants.LLAMA_VOCAB_TYPE_UGM),
    /** Greedy longest match, as of RWKV. */
    RWKV(LlamaConstants.LLAMA_VOCAB_TYPE_RWKV),
    /** PLaMo-2's. */
    PLAMO2(LlamaConstants.LLAMA_VOCAB_TYPE_PLAMO2),
    /** llama.cpp's own test vocabulary. */
    TEST(LlamaConstants.LLAMA_VOCAB_TYPE_TEST);

    private final int value;

    VocabularyType(int value) {
        this.value = value;
    }

    static VocabularyType of(int value) {
        for (VocabularyType type : values()) {
            if (type.value == value) {
                return type;
            }
        }
        throw new IllegalArgumentException("unknown vocabulary type " + value);
    }
}
