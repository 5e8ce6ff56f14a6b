package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A vocabulary that holds each byte as a token, so that any valid UTF-8 comes back from its tokens unchanged.
 *
 * <p>Bytes that are no valid UTF-8 do not: llama.cpp replaces them by U+FFFD before it looks at the vocabulary.
 *
 * <p>Its kind is GPT-2's byte-level BPE, its pre-tokenizer Qwen2's. Token ids: 0 to 255 are the bytes, then come some
 * merged tokens of common English, the control tokens, and, for sizes above {@link #MIN_SIZE}, made-up words of ASCII
 * letters. Text is never cut into those words (no merges lead to them), but a model's output is mostly made of them.
 * The chat template is ChatML. Immutable.
 */
public final class ByteVocabulary {
    private static final int BYTES = 256;

    private static final List<String> MERGES = List.of(
            "Ġ t", "h e", "i n", "r e", "o n", "a n", "e r", "Ġ a", "Ġt he", "o u", "Ġ w", "i s", "o r", "Ġ s", "e n",
            "in g");

    private static final List<String> CONTROLS =
            List.of("<|begin_of_text|>", "<|endoftext|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "<|pad|>");

    /** The smallest size, in tokens. */
    public static final int MIN_SIZE = BYTES + 16 + 6 + 10;

    /** The first control token; all of them are in {@code FIRST_CONTROL} to {@code END_CONTROL - 1}. */
    public static final int FIRST_CONTROL = BYTES + MERGES.size();

    /** One past the last control token. */
    public static final int END_CONTROL = FIRST_CONTROL + CONTROLS.size();

    /** {@code <|begin_of_text|>}. */
    public static final int BEGIN_OF_TEXT = FIRST_CONTROL;

    /** {@code <|endoftext|>}, an end of generation. */
    public static final int END_OF_TEXT = FIRST_CONTROL + 1;

    /** {@code <|eot_id|>}, an end of generation. */
    public static final int END_OF_TURN = FIRST_CONTROL + 2;

    /** {@code <|im_start|>}. */
    public static final int MESSAGE_START = FIRST_CONTROL + 3;

    /** {@code <|im_end|>}, an end of generation. */
    public static final int MESSAGE_END = FIRST_CONTROL + 4;

    /** {@code <|pad|>}. */
    public static final int PADDING = FIRST_CONTROL + 5;

    /** The Jinja source of the chat template: ChatML. */
    public static final String CHAT_TEMPLATE = """
            {%- for message in messages %}
            {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
            {%- endif %}
            """.strip();

    private static final int TYPE_NORMAL = 1;
    private static final int TYPE_CONTROL = 3;

    private static final String CONSONANTS = "bdfgklmnprstvwyz";
    private static final String VOWELS = "aeiou";
    private static final int SYLLABLES = CONSONANTS.length() * VOWELS.length();

    private final List<String> tokens;

    /**
     * Makes a vocabulary.
     *
     * @param size its number of tokens
     * @throws IllegalArgumentException if {@code size} is below {@link #MIN_SIZE}
     */
    public ByteVocabulary(int size) {
        if (size < MIN_SIZE) {
            throw new IllegalArgumentException("a byte vocabulary has at least " + MIN_SIZE + " tokens, not " + size);
        }
        tokens = new ArrayList<>(size);
        for (int b = 0; b < BYTES; b++) {
            tokens.add(String.valueOf(byteToCharacter(b)));
        }
        MERGES.forEach(merge -> tokens.add(merge.replace(" ", "")));
        tokens.addAll(CONTROLS);
        for (int i = 0; tokens.size() < size; i++) {
            tokens.add(word(i));
        }
    }

    /** The tokens as they stand in the file, by id: bytes are in GPT-2's spelling, a leading blank is {@code Ġ}. */
    public List<String> tokens() {
        return List.copyOf(tokens);
    }

    /** The number of tokens. */
    public int size() {
        return tokens.size();
    }

    /**
     * Whether a token is text that can be shown. Bytes that are no visible ASCII, and control tokens, are not: forged
     * models say them rarely, so that greedy output is readable and does not end by chance.
     */
    static boolean isPlain(int id) {
        if (id < BYTES) {
            return id >= ' ' && id <= '~' || id == '\n';
        }
        return id < FIRST_CONTROL || id >= END_CONTROL;
    }

    /** Puts the vocabulary's keys. */
    void write(GgufWriter writer, boolean addBeginOfText) {
        int[] types = new int[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id >= FIRST_CONTROL && id < END_CONTROL ? TYPE_CONTROL : TYPE_NORMAL;
        }
        writer.putText("tokenizer.ggml.model", "gpt2");
        writer.putText("tokenizer.ggml.pre", "qwen2");
        writer.putTexts("tokenizer.ggml.tokens", tokens);
        writer.putInt32s("tokenizer.ggml.token_type", types);
        writer.putTexts("tokenizer.ggml.merges", MERGES);
        writer.putUint32("tokenizer.ggml.bos_token_id", BEGIN_OF_TEXT);
        writer.putUint32("tokenizer.ggml.eos_token_id", END_OF_TEXT);
        writer.putUint32("tokenizer.ggml.eot_token_id", END_OF_TURN);
        writer.putUint32("tokenizer.ggml.padding_token_id", PADDING);
        writer.putBool("tokenizer.ggml.add_bos_token", addBeginOfText);
        writer.putText("tokenizer.chat_template", CHAT_TEMPLATE);
    }

    /** GPT-2's spelling of bytes: visible Latin-1 characters stand for themselves, the others for 256 and up. */
    private static char byteToCharacter(int value) {
        if (isVisible(value)) {
            return (char) value;
        }
        int hiddenBefore = 0;
        for (int b = 0; b < value; b++) {
            hiddenBefore += isVisible(b) ? 0 : 1;
        }
        return (char) (BYTES + hiddenBefore);
    }

    private static boolean isVisible(int value) {
        return value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xAC || value >= 0xAE && value <= 0xFF;
    }

    /** Blank and two or more syllables: distinct for distinct numbers, and never a merged token. */
    private static String word(int number) {
        StringBuilder word = new StringBuilder("Ġ");
        int rest = number;
        for (int syllable = 0; syllable < 2 || rest > 0; syllable++) {
            // Counting from 1 beyond the second syllable keeps shorter words from being longer ones with a first
            // syllable.
            int index = syllable < 2 ? rest % SYLLABLES : (rest - 1) % SYLLABLES;
            rest = syllable < 2 ? rest / SYLLABLES : (rest - 1) / SYLLABLES;
            word.append(CONSONANTS.charAt(index / VOWELS.length())).append(VOWELS.charAt(index % VOWELS.length()));
        }
        return word.toString();
    }
}
