package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.TextAssembler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Text as it is generated, piece by piece. The pieces' texts together are the text: none splits a code point, and none
 * shows a part of a stop string.
 *
 * <p>Made by {@link TextGenerator#generate}, which lends it the context: it must be closed before the next one is made; closing
 * it early is fine. Decodes when asked for the next piece. One thread at a time; {@link #cancel} and {@link #close} from any.
 */
public final class Generation implements Iterator<Piece>, AutoCloseable {
    private final TokenStream stream;
    private final Vocabulary vocabulary;
    private final GenerationOptions options;
    private final TextAssembler assembler;
    private int[] tokens = new int[64];
    private int tokenCount;
    private final List<TokenLogprobs> logprobs = new ArrayList<>();
    private @Nullable Piece next;
    private boolean flushed;

    Generation(TokenStream stream, Vocabulary vocabulary, GenerationOptions options) {
        this.stream = stream;
        this.vocabulary = vocabulary;
        this.options = options;
        this.assembler = new TextAssembler(options.stopStrings());
    }

    /**
     * Whether there is another piece; decodes to find out.
     *
     * @throws LlamaException as {@link TokenStream#nextToken}
     */
    @Override
    public boolean hasNext() {
        if (next == null && !flushed) {
            next = advance();
        }
        return next != null;
    }

    /** The next piece: one for each token, and maybe one for text that was held back until the end. */
    @Override
    public Piece next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the generation has ended");
        }
        Piece piece = next;
        next = null;
        return Objects.requireNonNull(piece);
    }

    private @Nullable Piece advance() {
        int token = stream.nextToken();
        return token == TokenStream.END ? flush() : piece(token);
    }

    private Piece piece(int token) {
        if (tokenCount == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * tokenCount);
        }
        tokens[tokenCount++] = token;
        Optional<TokenLogprobs> tokenLogprobs = stream.logprobs();
        tokenLogprobs.ifPresent(logprobs::add);
        if (assembler.accept(vocabulary.piece(token, options.shows(token)))) {
            stream.finish(FinishReason.STOP_STRING);
            flushed = true;
        }
        return new Piece(assembler.take(), token, tokenLogprobs);
    }

    /** The text that was held back. */
    private @Nullable Piece flush() {
        flushed = true;
        assembler.finish();
        String rest = assembler.take();
        return rest.isEmpty() ? null : new Piece(rest, Piece.NO_TOKEN, Optional.empty());
    }

    /** Why the generation ended; empty while it goes on. */
    public Optional<FinishReason> finishReason() {
        return stream.finishReason();
    }

    /**
     * What came out.
     *
     * @throws IllegalStateException while the generation goes on
     */
    public GenerationResult result() {
        FinishReason reason = finishReason()
                .orElseThrow(() -> new IllegalStateException("the generation goes on; take all pieces, or close it"));
        return new GenerationResult(
                assembler.text(),
                Arrays.copyOf(tokens, tokenCount),
                logprobs,
                reason,
                assembler.stopString(),
                stream.timings());
    }

    /** What was measured so far. For the thread that takes the pieces. */
    public Timings timings() {
        return stream.timings();
    }

    /**
     * Ends the generation soon, from any thread, also within the evaluation of the prompt. The pieces then end with {@link
     * FinishReason#CANCELLED}.
     */
    public void cancel() {
        stream.cancel();
    }

    /** Cancels what is under way, waits for it, and gives the context back. Does nothing the second time. */
    @Override
    public void close() {
        stream.close();
    }
}
