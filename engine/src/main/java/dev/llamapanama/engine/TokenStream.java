package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.CallGuard;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Generates tokens, without text: the loop under {@link Generation}. Once it runs, {@link #nextToken} allocates nothing on
 * the Java heap (unless log-probabilities are asked for).
 *
 * <p>Made by {@link TextGenerator#tokens}, which lends it the context: it must be closed before the next one is made. One
 * thread at a time; {@link #cancel} and {@link #close} from any.
 */
public final class TokenStream implements AutoCloseable {
    /** What {@link #nextToken} returns after the last token. */
    public static final int END = -1;

    private final TextGenerator generator;
    private final Context context;
    private final Vocabulary vocabulary;
    private final PromptCache memory;
    private final Sampler sampler;
    private final boolean ownsSampler;
    private final int[] prompt;
    private final GenerationOptions options;
    private final int sequence;
    private final int contextLength;
    private final int keep;
    private final TokenClock clock;
    private final @Nullable LogprobCalculator logprobCalculator;
    private final CallGuard guard = new CallGuard("token stream");

    private boolean prefilled;
    private int outputIndex; // in the batch, of the token whose logits come next
    private int lastToken = END; // sampled, but not decoded yet
    private int sampled;
    private @Nullable TokenLogprobs logprobs;
    private final Object closing = new Object();
    private boolean closed; // guarded by closing
    // these change under the lock of this, which orders them against the context's flag, and are read without
    private volatile boolean failed;
    private volatile boolean cancelled;
    private volatile @Nullable FinishReason finishReason;

    TokenStream(
            TextGenerator generator,
            PromptCache memory,
            int sequence,
            int[] prompt,
            GenerationOptions options,
            Sampler sampler,
            boolean ownsSampler) {
        this.generator = generator;
        this.context = generator.context();
        this.vocabulary = context.model().vocabulary();
        this.memory = memory;
        this.sequence = sequence;
        this.prompt = prompt;
        this.options = options;
        this.sampler = sampler;
        this.ownsSampler = ownsSampler;
        this.contextLength = context.contextLengthPerSequence();
        this.keep = keep();
        this.clock = new TokenClock(options.maxTokens() < 0 ? contextLength : options.maxTokens());
        this.logprobCalculator = options.logprobs() == 0 ? null : new LogprobCalculator(vocabulary, options.logprobs());
    }

    /** How many tokens a context shift keeps: as in llama.cpp, BOS is never discarded. */
    private int keep() {
        if (options.keep() < 0 || options.keep() > prompt.length) {
            return prompt.length;
        }
        return options.keep() + (vocabulary.addsBos() ? 1 : 0);
    }

    /**
     * The next token. The first call evaluates the prompt.
     *
     * @return the token, or {@link #END} after the last one; a token that ends the generation is not returned
     * @throws KvCacheFullException if other sequences of the context take the room
     * @throws LlamaException if the computation fails; the stream is then at its end
     * @throws IllegalStateException if the stream is closed, or an earlier call failed
     */
    public int nextToken() {
        guard.enter("nextToken");
        try {
            if (finishReason != null) {
                return END;
            }
            if (failed) {
                throw new IllegalStateException("an earlier call has failed; start a new generation");
            }
            clock.callStarts();
            return advance();
        } catch (Throwable thrown) {
            fail();
            throw thrown;
        } finally {
            guard.exit();
        }
    }

    private int advance() {
        if (!prefilled) {
            if (!prefill()) {
                return end(FinishReason.CANCELLED);
            }
            prefilled = true;
        }
        if (sampled == options.maxTokens()) {
            return end(FinishReason.MAX_TOKENS);
        }
        if (lastToken != END) {
            if (memory.length() + 1 >= contextLength && !shiftContext()) {
                return end(FinishReason.CONTEXT_FULL);
            }
            if (!decodeLast()) {
                return end(FinishReason.CANCELLED);
            }
        } else if (cancelled) {
            return end(FinishReason.CANCELLED);
        }
        return sample();
    }

    private int sample() {
        int token = sampler.sample(context, outputIndex);
        sampler.accept(token);
        if (logprobCalculator != null) {
            logprobs = logprobCalculator.of(context, outputIndex, token);
        }
        lastToken = token;
        sampled++;
        clock.tokenSampled();
        if (!options.ignoreEndOfGeneration() && vocabulary.isEndOfGeneration(token)) {
            return end(FinishReason.END_OF_GENERATION);
        }
        return token;
    }

    private int end(FinishReason reason) {
        logprobs = null;
        finish(reason);
        return END;
    }

    /** Ends the stream; a cancellation that came too late must not hit whatever the context decodes next. */
    synchronized void finish(FinishReason reason) {
        if (finishReason == null) {
            finishReason = reason;
            takeCancelBack();
        }
    }

    private synchronized void fail() {
        failed = true;
        takeCancelBack();
    }

    private void takeCancelBack() {
        if (cancelled && context.isOpen()) {
            try {
                context.clearCancel();
            } catch (IllegalStateException closing) {
                // closed since; then there is nothing to take back
            }
        }
    }

    /** Evaluates what the memory does not hold of the prompt; false if that was cancelled. */
    private boolean prefill() {
        int at = memory.reuse(prompt);
        int cached = at;
        for (int token : prompt) {
            sampler.acceptPrompt(token);
        }
        Batch batch = context.batch();
        while (at < prompt.length) {
            int count = Math.min(batch.capacity(), prompt.length - at);
            batch.clear();
            for (int i = at; i < at + count; i++) {
                batch.add(prompt[i], i, sequence, i == prompt.length - 1);
            }
            if (!decode()) {
                return false;
            }
            memory.append(prompt, at, count);
            at += count;
            outputIndex = count - 1;
        }
        clock.prefillEnds(cached);
        return true;
    }

    /** Evaluates the last token; false if that was cancelled. */
    private boolean decodeLast() {
        Batch batch = context.batch();
        batch.clear();
        batch.add(lastToken, memory.length(), sequence, true);
        if (!decode()) {
            return false;
        }
        memory.append(lastToken);
        outputIndex = 0;
        return true;
    }

    /** False if it was cancelled; the memory is then as before. */
    private boolean decode() {
        boolean decoded = false;
        try {
            if (cancelled) {
                return false;
            }
            context.decode();
            decoded = true;
            return true;
        } catch (CancelledException exception) {
            if (!context.isOpen()) {
                throw exception;
            }
            return false;
        } finally {
            if (!decoded && context.isOpen()) {
                memory.rollBack();
            }
        }
    }

    /** Makes room as llama.cpp does: half of what follows the kept tokens goes. */
    private boolean shiftContext() {
        if (!options.contextShift() || !context.canShift()) {
            return false;
        }
        int discard = (memory.length() - keep) / 2;
        return discard > 0 && memory.shift(keep, discard);
    }

    /** Log-probabilities of the last token that {@link #nextToken} returned, if {@link GenerationOptions#logprobs} asks for them. */
    public Optional<TokenLogprobs> logprobs() {
        return Optional.ofNullable(logprobs);
    }

    /** Why the stream ended; empty while it goes on. */
    public Optional<FinishReason> finishReason() {
        return Optional.ofNullable(finishReason);
    }

    /** What was measured so far. For the thread that calls {@link #nextToken}. */
    public Timings timings() {
        return clock.timings(prompt.length);
    }

    /**
     * Ends the stream soon, from any thread: a decode under way stops, {@link #nextToken} returns {@link #END}, and the reason
     * is {@link FinishReason#CANCELLED}. Without effect when the stream has ended.
     */
    public synchronized void cancel() {
        if (finishReason == null && !failed) {
            cancelled = true;
            context.cancel();
        }
    }

    /** Cancels what is under way, waits for it, and gives the context back. Does nothing the second time. */
    @Override
    public void close() {
        guard.close(this::cancel);
        synchronized (closing) { // so that a second close returns after the first
            if (!closed) {
                closed = true;
                giveBack();
            }
        }
    }

    private void giveBack() {
        try {
            finish(FinishReason.CANCELLED);
        } finally {
            try {
                if (ownsSampler) {
                    sampler.close();
                }
            } finally {
                generator.release(this);
            }
        }
    }
}
