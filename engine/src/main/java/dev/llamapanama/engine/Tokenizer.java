package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.DeepCall;
import dev.llamapanama.engine.internal.TextRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The native calls of {@link Vocabulary}; stateless, with buffers of one call. */
final class Tokenizer {
    // some tokenizers add a blank, and begin and end
    private static final int EXTRA_TOKENS = 8;

    /** The one pre-tokenizer whose words have blanks within them: {@code llm_tokenizer_bpe} in llama-vocab.cpp. */
    private static final String MATCHES_ACROSS_BLANKS = "exaone-moe";

    /** libstdc++'s std::regex takes about 320 bytes for each, with GCC 12 and optimization. */
    private static final long STACK_PER_CHARACTER = 1024;

    private static final int DIRECT_DEPTH = 256;
    private static final int MAX_DEPTH = 1 << 20;

    private final Vocabulary vocabulary;
    private final boolean matchesAcrossBlanks;

    Tokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.matchesAcrossBlanks =
                MATCHES_ACROSS_BLANKS.equals(vocabulary.model().metadata().get("tokenizer.ggml.pre"));
    }

    int[] tokenize(byte[] utf8, boolean addSpecial, boolean parseSpecial) {
        vocabulary.requireTokenizer();
        int depth = depth(utf8);
        if (depth <= DIRECT_DEPTH) {
            return call(utf8, addSpecial, parseSpecial);
        }
        if (depth > MAX_DEPTH) {
            throw new TokenizationException(
                    "the text has " + depth + " characters without a blank, and the tokenizer of " + vocabulary.model()
                            + " takes at most " + MAX_DEPTH + "; put blanks or line ends between them");
        }
        try {
            return DeepCall.run(
                    DeepCall.SPARE_STACK + depth * STACK_PER_CHARACTER, () -> call(utf8, addSpecial, parseSpecial));
        } catch (OutOfMemoryError e) {
            throw new TokenizationException(
                    "the text has " + depth + " characters without a blank, and there is no memory to "
                            + "cut it; put blanks or line ends between them",
                    e);
        }
    }

    /**
     * How many characters the pre-tokenizer's regular expressions may match at once. Where llama.cpp has no code of its own
     * for them it uses std::regex, which calls itself for each character that a repetition matches; a thread's usual stack
     * is enough for some thousand, and behind it the process ends.
     */
    private int depth(byte[] utf8) {
        if (vocabulary.type() != VocabularyType.BPE) {
            return 0;
        }
        return matchesAcrossBlanks ? TextRuns.codePoints(utf8) : TextRuns.longest(utf8);
    }

    private int[] call(byte[] utf8, boolean addSpecial, boolean parseSpecial) {
        MemorySegment handle = vocabulary.begin();
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            MemorySegment text = arena.allocate(Math.max(1, utf8.length));
            MemorySegment.copy(utf8, 0, text, ValueLayout.JAVA_BYTE, 0, utf8.length);
            int capacity = Math.addExact(utf8.length, EXTRA_TOKENS);
            while (true) {
                MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, capacity);
                int n = Llama.tokenize(handle, text, utf8.length, tokens, capacity, addSpecial, parseSpecial, error);
                if (n >= 0) {
                    return tokens.asSlice(0, n * 4L).toArray(ValueLayout.JAVA_INT);
                }
                if (n == Integer.MIN_VALUE) {
                    throw new TokenizationException("the text of " + utf8.length + " bytes has too many tokens");
                }
                capacity = -n;
            }
        } catch (NativeCallException e) {
            throw failure(e);
        } finally {
            vocabulary.end();
        }
    }

    byte[] piece(int token, boolean special) {
        vocabulary.requireTokenizer();
        MemorySegment handle = vocabulary.begin();
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            int capacity = 64;
            while (true) {
                MemorySegment buffer = arena.allocate(capacity);
                int n = Llama.tokenToPiece(handle, token, buffer, capacity, 0, special, error);
                if (n >= 0) {
                    return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                }
                capacity = -n;
            }
        } catch (NativeCallException e) {
            throw failure(e);
        } finally {
            vocabulary.end();
        }
    }

    byte[] detokenize(int[] tokens, boolean unparseSpecial) {
        vocabulary.requireTokenizer();
        if (tokens.length == 0) {
            return new byte[0];
        }
        MemorySegment handle = vocabulary.begin();
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_INT, tokens);
            int capacity = Math.max(64, Math.multiplyExact(tokens.length, 8));
            while (true) {
                MemorySegment text = arena.allocate(capacity);
                int n = Llama.detokenize(handle, ids, tokens.length, text, capacity, false, unparseSpecial, error);
                if (n >= 0) {
                    return text.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                }
                capacity = -n;
            }
        } catch (NativeCallException e) {
            throw failure(e);
        } finally {
            vocabulary.end();
        }
    }

    /** A failure in the tokenizer leaves the model as it was, an assertion too: it only reads. */
    private NativeFailureException failure(NativeCallException e) {
        return new NativeFailureException(vocabulary.model().toString(), e);
    }
}
