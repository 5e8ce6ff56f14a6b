package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A WordPiece vocabulary of single ASCII characters, for encoders: any ASCII text has tokens, upper case reads as lower.
 *
 * <p>llama.cpp spells the start of a word with U+2581 and continuations without a mark. Sizes above the characters' are
 * filled with words that text is unlikely to contain.
 */
final class WordPieceVocabulary {
    static final int MIN_SIZE = 256;

    private static final String WORD_START = "\u2581";
    private static final List<String> CONTROLS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    private static final int TYPE_NORMAL = 1;
    private static final int TYPE_CONTROL = 3;

    private final List<String> tokens;

    WordPieceVocabulary(int size) {
        if (size < MIN_SIZE) {
            throw new IllegalArgumentException(
                    "a WordPiece vocabulary has at least " + MIN_SIZE + " tokens, not " + size);
        }
        tokens = new ArrayList<>(CONTROLS);
        for (char c = '!'; c <= '~'; c++) {
            if (!Character.isUpperCase(c)) {
                tokens.add(WORD_START + c);
                tokens.add(String.valueOf(c));
            }
        }
        for (int i = 0; tokens.size() < size; i++) {
            tokens.add(WORD_START + "unused" + i);
        }
    }

    void write(GgufWriter writer) {
        int[] types = new int[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id < CONTROLS.size() ? TYPE_CONTROL : TYPE_NORMAL;
        }
        writer.putText("tokenizer.ggml.model", "bert");
        writer.putUint32("tokenizer.ggml.token_type_count", 2);
        writer.putTexts("tokenizer.ggml.tokens", tokens);
        writer.putInt32s("tokenizer.ggml.token_type", types);
        writer.putUint32("tokenizer.ggml.padding_token_id", 0);
        writer.putUint32("tokenizer.ggml.unknown_token_id", 1);
        writer.putUint32("tokenizer.ggml.bos_token_id", 2);
        writer.putUint32("tokenizer.ggml.cls_token_id", 2);
        writer.putUint32("tokenizer.ggml.seperator_token_id", 3);
        writer.putUint32("tokenizer.ggml.mask_token_id", 4);
    }
}
