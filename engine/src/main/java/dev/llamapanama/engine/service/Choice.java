package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.LogprobCalculator;
import dev.llamapanama.engine.Piece;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.Timings;
import dev.llamapanama.engine.TokenLogprobs;
import dev.llamapanama.engine.Vocabulary;
import dev.llamapanama.engine.internal.TextAssembler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer that is being generated: its tokens, how many of them the KV memory has, its sampler and its text.
 *
 * <p>Tokens {@code [0, computed)} are in memory, the others wait to be decoded: many of a prompt, or of an answer that lost its
 * place; one when an answer goes on. Used by one thread at a time, as its request.
 */
final class Choice {
    static final int NO_SEQUENCE = -1;

    private static final int KEPT_TIMES = 4096; // as Timings says

    private final Request request;
    private final int index;
    private final Sampler sampler;
    private final GenerationOptions options;
    private final Vocabulary vocabulary;
    private final int requestLength;
    private final PrefixCache.Lease lease = new PrefixCache.Lease();
    private final TextAssembler text;
    private final List<TokenLogprobs> logprobs = new ArrayList<>();
    private final Draft draft = new Draft();

    private final int promptTokens; // as asked for; a shift changes what is kept of them
    private int[] tokens;
    private int length;
    private int promptLength;
    private int computed;
    private int sequence = NO_SEQUENCE;

    private int[] answer = new int[64];
    private int answerLength;
    private int sampled;
    private int cachedTokens;
    private long startNanos;
    private long promptNanos; // when the prompt was computed
    private long lastNanos; // when the last token came
    private long firstTokenNanos;
    private final ArrayDeque<Duration> tokenTimes = new ArrayDeque<>();
    private @Nullable GenerationResult result;

    Choice(Request request, int index, int[] prompt, Sampler sampler, Vocabulary vocabulary, int requestLength) {
        this.request = request;
        this.index = index;
        this.sampler = sampler;
        this.options = request.spec().options();
        this.vocabulary = vocabulary;
        this.requestLength = requestLength;
        this.text = new TextAssembler(options.stopStrings());
        this.tokens = Arrays.copyOf(prompt, prompt.length + 64);
        this.length = prompt.length;
        this.promptTokens = prompt.length;
        this.promptLength = prompt.length;
    }

    Request request() {
        return request;
    }

    int index() {
        return index;
    }

    int[] tokens() {
        return tokens;
    }

    int length() {
        return length;
    }

    int promptLength() {
        return promptLength;
    }

    int computed() {
        return computed;
    }

    void computed(int newComputed) {
        computed = newComputed;
    }

    int pending() {
        return length - computed;
    }

    int sequence() {
        return sequence;
    }

    void sequence(int newSequence) {
        sequence = newSequence;
    }

    PrefixCache.Lease lease() {
        return lease;
    }

    boolean isOver() {
        return result != null;
    }

    /** Whether its first token was sampled, so that somebody reads along. */
    boolean isAnswering() {
        return sampled > 0;
    }

    GenerationResult result() {
        return Objects.requireNonNull(result);
    }

    /** Tokens that it may still add, as far as is known: of those without a limit, a guess. */
    int expectedGrowth(int guess) {
        int room = requestLength - length;
        int wanted = options.maxTokens() < 0 ? guess : options.maxTokens() - sampled;
        return Math.max(0, Math.min(room, wanted));
    }

    /** Whether the prompt is all that should be computed. */
    boolean wantsNoToken() {
        return options.maxTokens() == 0;
    }

    /** Takes note that it leaves the queue. */
    void start(int fromCache) {
        cachedTokens = fromCache;
        startNanos = System.nanoTime();
    }

    /** Takes note that its prompt is computed. */
    void promptComputed() {
        if (promptNanos == 0) {
            promptNanos = System.nanoTime();
        }
    }

    /**
     * Chooses the next token from an entry of the batch.
     *
     * @return the token; if it ended the answer, {@link #isOver}
     */
    int sample(Context context, int batchIndex, @Nullable LogprobCalculator calculator, Observers observers) {
        int token = sampler.sample(context, batchIndex);
        sampler.accept(token);
        tokenCame(observers);
        if (!options.ignoreEndOfGeneration() && vocabulary.isEndOfGeneration(token)) {
            finish(FinishReason.END_OF_GENERATION);
            return token;
        }
        Optional<TokenLogprobs> tokenLogprobs =
                calculator == null ? Optional.empty() : Optional.of(trim(calculator.of(context, batchIndex, token)));
        tokenLogprobs.ifPresent(logprobs::add);
        append(token);
        boolean stopped = text.accept(vocabulary.bytes(token, options.shows(token)));
        request.events().add(new GenerationEvent.Generated(index, new Piece(text.take(), token, tokenLogprobs)));
        if (stopped) {
            finish(FinishReason.STOP_STRING);
        } else if (sampled == options.maxTokens()) {
            finish(FinishReason.MAX_TOKENS);
        }
        return token;
    }

    /** The calculator may be for requests that want more. */
    private TokenLogprobs trim(TokenLogprobs all) {
        int wanted = Math.min(options.logprobs(), all.top().size());
        return new TokenLogprobs(all.chosen(), all.top().subList(0, wanted));
    }

    private void tokenCame(Observers observers) {
        long now = System.nanoTime();
        sampled++;
        if (sampled == 1) {
            firstTokenNanos = now;
            if (index == 0) {
                observers.tell(observer -> observer.firstToken(request.id(), request.sinceSubmitted()));
            }
        } else {
            Duration since = Duration.ofNanos(now - lastNanos);
            if (tokenTimes.size() == KEPT_TIMES) {
                tokenTimes.removeFirst();
            }
            tokenTimes.add(since);
            observers.tell(observer -> observer.token(request.id(), index, since));
        }
        lastNanos = now;
    }

    private void append(int token) {
        if (answerLength == answer.length) {
            answer = Arrays.copyOf(answer, 2 * answerLength);
        }
        answer[answerLength++] = token;
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
    }

    /** Whether there is no room for another token in what a request may have. */
    boolean isFull() {
        return length >= requestLength;
    }

    /**
     * Drops the older half of what follows the kept tokens; all that stays must be computed again.
     *
     * @return false if nothing can be dropped
     */
    boolean shift() {
        int keep = options.keep() < 0 ? promptLength : options.keep() + (vocabulary.addsBos() ? 1 : 0);
        keep = Math.min(keep, promptLength);
        int discard = (length - keep) / 2;
        if (discard <= 0) {
            return false;
        }
        System.arraycopy(tokens, keep + discard, tokens, keep, length - keep - discard);
        length -= discard;
        promptLength = keep;
        computed = 0;
        draft.textChanged();
        return true;
    }

    /** Ends the answer, for example because its request was cancelled; what was held back of the text comes out. */
    void finish(FinishReason reason) {
        if (result != null) {
            return;
        }
        text.finish();
        String rest = text.take();
        if (!rest.isEmpty()) {
            request.events()
                    .add(new GenerationEvent.Generated(index, new Piece(rest, Piece.NO_TOKEN, Optional.empty())));
        }
        GenerationResult made = new GenerationResult(
                text.text(), Arrays.copyOf(answer, answerLength), logprobs, reason, text.stopString(), timings());
        result = made;
        request.events().add(new GenerationEvent.Finished(index, made));
    }

    private Timings timings() {
        return new Timings(
                promptTokens,
                cachedTokens,
                Duration.ofNanos(promptNanos == 0 ? 0 : promptNanos - startNanos),
                Duration.ofNanos(firstTokenNanos == 0 ? 0 : firstTokenNanos - startNanos),
                sampled,
                Duration.ofNanos(lastNanos == 0 ? 0 : lastNanos - firstTokenNanos),
                List.copyOf(tokenTimes));
    }

    /** What is guessed to come after the newest token. */
    Draft draft() {
        return draft;
    }

    /** Guesses that it has use for, of {@code room} that can be checked. */
    int mostGuesses(int room) {
        if (!isAnswering()) {
            return 0;
        }
        int left = options.maxTokens() < 0 ? Integer.MAX_VALUE : options.maxTokens() - sampled - 1;
        return Math.max(0, Math.min(Math.min(room, left), requestLength - length - 1));
    }

    /** Whether tokens that end a generation are never chosen. */
    boolean ignoresEndOfGeneration() {
        return options.ignoreEndOfGeneration();
    }

    /** Takes leave when it is over: frees the sampler, counts and tells. */
    void leave(Counters counters, Observers observers) {
        close();
        FinishReason reason = result().finishReason();
        counters.finished.increment();
        if (reason == FinishReason.CANCELLED) {
            counters.cancelled.increment();
        }
        observers.tell(observer -> observer.finished(request.id(), index, reason, sampled, request.sinceSubmitted()));
    }

    /** Frees the sampler. */
    void close() {
        sampler.close();
    }
}
