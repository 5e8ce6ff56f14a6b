package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.engine.internal.Utf8;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a model, and the way from text to tokens and back ({@code llama_vocab}).
 *
 * <p>Thread-safe. Owned by its {@link Model}: after the model is closed every method that needs native code throws
 * {@link IllegalStateException}. Token ids are 0 to {@link #size()} - 1; others are {@link IllegalArgumentException}s.
 */
public final class Vocabulary {
    private final Model model;
    private final VocabularyType type;
    private final int size;
    private final MemorySegment pointer; // tied to the model's lifetime
    private final Tokenizer tokenizer;
    private final PieceCache pieces;

    // asked once: they cannot change
    private final int bos;
    private final int eos;
    private final int eot;
    private final int separator;
    private final int newline;
    private final int pad;
    private final int mask;
    private final int fimPrefix;
    private final int fimSuffix;
    private final int fimMiddle;
    private final int fimPad;
    private final int fimRepository;
    private final int fimSeparator;
    private final boolean addsBos;
    private final boolean addsEos;
    private final boolean addsSeparator;
    private final int[] suppressed;
    // asked for when needed: there may be hundreds of thousands of tokens to look at
    private volatile int @Nullable [] endOfGeneration;

    Vocabulary(Model model) {
        this.model = model;
        this.pointer = model.vocabularyPointer();
        this.type = VocabularyType.of(Llama.vocabType(pointer));
        this.size = Llama.vocabNTokens(pointer);
        this.tokenizer = new Tokenizer(this);
        this.pieces = new PieceCache(this);
        this.bos = Llama.vocabBos(pointer);
        this.eos = Llama.vocabEos(pointer);
        this.eot = Llama.vocabEot(pointer);
        this.separator = Llama.vocabSep(pointer);
        this.newline = Llama.vocabNl(pointer);
        this.pad = Llama.vocabPad(pointer);
        this.mask = Llama.vocabMask(pointer);
        this.fimPrefix = Llama.vocabFimPre(pointer);
        this.fimSuffix = Llama.vocabFimSuf(pointer);
        this.fimMiddle = Llama.vocabFimMid(pointer);
        this.fimPad = Llama.vocabFimPad(pointer);
        this.fimRepository = Llama.vocabFimRep(pointer);
        this.fimSeparator = Llama.vocabFimSep(pointer);
        this.addsBos = Llama.vocabGetAddBos(pointer);
        this.addsEos = Llama.vocabGetAddEos(pointer);
        this.addsSeparator = Llama.vocabGetAddSep(pointer);
        this.suppressed = Llama.vocabGetSuppressTokens(pointer);
    }

    /** Number of tokens. */
    public int size() {
        return size;
    }

    /** Kind of tokenizer. */
    public VocabularyType type() {
        return type;
    }

    /** Whether {@code token} is one of this vocabulary. */
    public boolean contains(int token) {
        return token >= 0 && token < size;
    }

    /**
     * Cuts text into tokens ({@code llama_tokenize}). Cannot be stopped. The time grows with the length, but with the square of
     * the number of special tokens that are spelled out in the text: some ten thousand take seconds.
     *
     * @param addSpecial whether tokens for begin and end are added, where the model wants them
     * @param parseSpecial whether text such as {@code <|im_start|>} becomes the control token of that name; false for
     *     text from users. User-defined tokens are found in any case
     * @throws TokenizationException if the text holds half a surrogate pair, or a million characters without a blank for
     *     which the tokenizer has no stack
     */
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        int lone = Utf8.firstLoneSurrogate(text);
        if (lone >= 0) {
            throw new TokenizationException(
                    "the text holds half a surrogate pair (U+%04X) at index %d; it is no valid Unicode"
                            .formatted((int) text.charAt(lone), lone));
        }
        return tokenizer.tokenize(text.getBytes(StandardCharsets.UTF_8), addSpecial, parseSpecial);
    }

    /**
     * Cuts UTF-8 text into tokens ({@code llama_tokenize}).
     *
     * @throws TokenizationException if the bytes are not well-formed UTF-8
     */
    public int[] tokenize(byte[] utf8, boolean addSpecial, boolean parseSpecial) {
        int invalid = Utf8.firstInvalid(utf8);
        if (invalid >= 0) {
            throw new TokenizationException(
                    "the bytes are not well-formed UTF-8 at index %d (0x%02X)".formatted(invalid, utf8[invalid]));
        }
        return tokenizer.tokenize(utf8, addSpecial, parseSpecial);
    }

    /**
     * The bytes that a token stands for in generated text ({@code llama_token_to_piece}): UTF-8, but maybe only a part of
     * a character.
     *
     * @param special whether control tokens give their name, and not nothing
     */
    public byte[] bytes(int token, boolean special) {
        return piece(token, special).clone();
    }

    /**
     * Copies the bytes of a token; for decode loops, as it allocates nothing once a token was seen.
     *
     * @return how many bytes the token has; if that is more than fit behind {@code offset}, nothing was copied
     */
    public int bytesInto(int token, boolean special, byte[] target, int offset) {
        byte[] bytes = piece(token, special);
        if (bytes.length <= target.length - offset) {
            System.arraycopy(bytes, 0, target, offset, bytes.length);
        }
        return bytes.length;
    }

    /** The bytes of a token; shared, not to be changed. Allocates nothing once a token was seen. */
    byte[] piece(int token, boolean special) {
        return pieces.get(require(token), special);
    }

    /**
     * The text of tokens ({@code llama_detokenize}). What {@link #tokenize} was given comes back byte for byte, where the
     * tokenizer does not normalize text: also the blank that some put before it is taken away again, which
     * {@code llama_detokenize} forgets after a token for the beginning.
     *
     * @param removeSpecial whether a token for the beginning and one for the end, which the tokenizer adds, are left out
     * @param unparseSpecial whether control tokens give their names
     * @return the text; bytes that are no character become U+FFFD
     */
    public String detokenize(int[] tokens, boolean removeSpecial, boolean unparseSpecial) {
        return new String(detokenizeBytes(tokens, removeSpecial, unparseSpecial), StandardCharsets.UTF_8);
    }

    /** As {@link #detokenize}, but the bytes as they are. */
    public byte[] detokenizeBytes(int[] tokens, boolean removeSpecial, boolean unparseSpecial) {
        for (int token : tokens) {
            require(token);
        }
        return tokenizer.detokenize(removeSpecial ? withoutEnds(tokens) : tokens, unparseSpecial);
    }

    private int[] withoutEnds(int[] tokens) {
        int from = 0;
        int to = tokens.length;
        if (to > from && addsBos && tokens[from] == bos) {
            from++;
        }
        if (to > from && addsEos && tokens[to - 1] == eos) {
            to--;
        }
        return Arrays.copyOfRange(tokens, from, to);
    }

    /** Whether a token ends a generation: end of sequence, end of turn and the like. */
    public boolean isEndOfGeneration(int token) {
        require(token);
        MemorySegment handle = begin();
        try {
            return Llama.vocabIsEog(handle, token);
        } finally {
            end();
        }
    }

    /** Whether a token is a mark for the model and not text. */
    public boolean isControl(int token) {
        require(token);
        requireTokenizer();
        MemorySegment handle = begin();
        try {
            return Llama.vocabIsControl(handle, token);
        } finally {
            end();
        }
    }

    /** All about a token. */
    public TokenInfo info(int token) {
        require(token);
        requireTokenizer();
        MemorySegment handle = begin();
        try {
            return new TokenInfo(
                    token,
                    Llama.vocabGetText(handle, token).orElse(""),
                    Llama.vocabGetScore(handle, token),
                    TokenAttribute.of(Llama.vocabGetAttr(handle, token)));
        } finally {
            end();
        }
    }

    /** All tokens that end a generation. */
    int[] endOfGeneration() {
        int[] tokens = endOfGeneration;
        if (tokens == null) {
            tokens = IntStream.range(0, size).filter(this::isEndOfGeneration).toArray();
            endOfGeneration = tokens;
        }
        return tokens;
    }

    /** Tokens that the model must never produce. */
    public int[] suppressed() {
        return suppressed.clone();
    }

    /** Token for the beginning of a sequence. */
    public OptionalInt bos() {
        return optional(bos);
    }

    /** Token for the end of a sequence. */
    public OptionalInt eos() {
        return optional(eos);
    }

    /** Token for the end of a turn. */
    public OptionalInt eot() {
        return optional(eot);
    }

    /** Token between sentences. */
    public OptionalInt separator() {
        return optional(separator);
    }

    /** Token for a newline. */
    public OptionalInt newline() {
        return optional(newline);
    }

    /** Token for padding. */
    public OptionalInt pad() {
        return optional(pad);
    }

    /** Token for a masked word. */
    public OptionalInt mask() {
        return optional(mask);
    }

    /** Fill in the middle: token before the prefix. */
    public OptionalInt fimPrefix() {
        return optional(fimPrefix);
    }

    /** Fill in the middle: token before the suffix. */
    public OptionalInt fimSuffix() {
        return optional(fimSuffix);
    }

    /** Fill in the middle: token before the text to be written. */
    public OptionalInt fimMiddle() {
        return optional(fimMiddle);
    }

    /** Fill in the middle: token for padding. */
    public OptionalInt fimPad() {
        return optional(fimPad);
    }

    /** Fill in the middle: token before a repository's name. */
    public OptionalInt fimRepository() {
        return optional(fimRepository);
    }

    /** Fill in the middle: token between files. */
    public OptionalInt fimSeparator() {
        return optional(fimSeparator);
    }

    /** Whether the tokenizer adds {@link #bos()}. */
    public boolean addsBos() {
        return addsBos;
    }

    /**
     * The token that a model reads where a prompt has none.
     *
     * @throws IllegalArgumentException if the model has no token that begins a text
     */
    public int requireFirstToken() {
        if (bos < 0 || !addsBos) {
            throw new IllegalArgumentException(
                    "the prompt is empty, and this model has no token that begins a text; give at least one token");
        }
        return bos;
    }

    /** Whether the tokenizer adds {@link #eos()}. */
    public boolean addsEos() {
        return addsEos;
    }

    /** Whether the tokenizer adds {@link #separator()}. */
    public boolean addsSeparator() {
        return addsSeparator;
    }

    /** The model that this vocabulary belongs to. */
    Model model() {
        return model;
    }

    /** Enters a native call, for which the model waits before it is closed; {@link #end} in a finally block. */
    MemorySegment begin() {
        model.resource().enterShared();
        return pointer;
    }

    /** Leaves. */
    void end() {
        model.resource().exitShared();
    }

    /** For native calls of objects that keep the model open. */
    MemorySegment handle() {
        model.resource().requireUsable();
        return pointer;
    }

    /** Returns {@code token}, if there is such a token. */
    int require(int token) {
        if (token < 0 || token >= size) {
            throw new IllegalArgumentException("token " + token + " is not in the vocabulary, 0 to " + (size - 1));
        }
        return token;
    }

    void requireTokenizer() {
        if (type == VocabularyType.NONE) {
            throw new IllegalStateException(model + " has no tokenizer; it takes token ids only");
        }
    }

    private static OptionalInt optional(int token) {
        return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
    }
}
