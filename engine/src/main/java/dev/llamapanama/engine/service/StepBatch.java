package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.LogprobCalculator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One batch of a step: the answers' newest tokens, with guesses of the next ones behind them, then pieces of prompts as far as
 * the step's time goes; and what comes of it.
 *
 * <p>Where ggml's attention computes, steps of answers and of prompts take turns: it computes 64 tokens by 64 cells wherever one
 * of the tokens sees one of the cells, and answers beside a prompt's tokens see cells everywhere (docs/adr/0013).
 *
 * <p>Used by the one thread that decodes; {@link #isMostlyPromptOf} by any.
 */
final class StepBatch {
    /** Tokens {@code [choice.computed(), + count)} and then guesses, which lie from {@code firstIndex} on in the batch. */
    private record Entry(Choice choice, int firstIndex, int count, int drafts) {}

    private final Context context;
    private final Batch batch;
    private final KvMemory memory;
    private final Counters counters;
    private final Observers observers;
    private final StepBudget budget;
    private final PromptTurns<Choice> turns;
    private final boolean mixed;
    private final StepTimes times = new StepTimes();
    private final Speculation speculation;
    private final List<Entry> entries = new ArrayList<>();
    private volatile @Nullable Request mostly;
    private @Nullable LogprobCalculator calculator;
    private int calculatorTop;
    private int answerTokens;
    private int promptTokens;

    /**
     * Makes one.
     *
     * @param draftModel what guesses, closed by the caller; null for none
     * @param ggmlAttends whether ggml's attention computes, and not the engine's own
     */
    StepBatch(
            Context context,
            KvMemory memory,
            ServiceOptions options,
            Counters counters,
            Observers observers,
            @Nullable DraftModel draftModel,
            boolean ggmlAttends) {
        this.context = context;
        this.batch = context.batch();
        this.memory = memory;
        this.counters = counters;
        this.observers = observers;
        this.budget = new StepBudget(options.targetStepTime().toNanos() * 1e-9, context.ubatchSize());
        this.turns = new PromptTurns<>(context.ubatchSize());
        this.mixed = !ggmlAttends;
        boolean promptLookup = options.promptLookup() && !memory.isWhole();
        this.speculation = new Speculation(promptLookup, options.minDraftTokens(), times, draftModel);
    }

    int size() {
        return batch.size();
    }

    /** Any thread: whether most of the batch is a piece of a request's prompt, and all of it where nothing can be taken back. */
    boolean isMostlyPromptOf(Request request) {
        return mostly == request;
    }

    /** Whether the request to which most of the batch belongs has been cancelled or is out of time. */
    boolean isMostlyInterrupted() {
        Request owner = mostly;
        return owner != null && owner.interruption() != null;
    }

    /**
     * Makes the next batch.
     *
     * @param fail called with a request whose tokens cannot be decoded, and why
     * @return false if there is nothing to decode
     */
    boolean fill(List<Request> running, BiConsumer<Request, Throwable> fail) {
        boolean hadPrompts = promptTokens > 0; // the last batch
        clear();
        List<Choice> answers = new ArrayList<>();
        List<Choice> prompts = new ArrayList<>();
        for (Request request : running) {
            for (Choice choice : request.choices()) {
                if (!choice.isOver() && isReady(choice)) {
                    if (choice.pending() == 1) {
                        answers.add(choice);
                    } else if (choice.pending() > 1) {
                        prompts.add(choice);
                    }
                }
            }
        }
        prompts.sort(Comparator.comparingInt(choice -> -choice.request().spec().priority())); // stable
        boolean answersWait = !answers.isEmpty();
        int tokens = budget.promptTokens(answersWait);
        if (!mixed && answersWait && !prompts.isEmpty()) {
            if (hadPrompts) {
                tokens = 0;
            } else {
                answers.clear();
            }
        }
        speculation.guess(answers, speculation.isOff() ? 0 : roomForGuesses(answers, prompts));
        Choice current = null;
        try {
            for (Choice choice : answers) {
                current = choice;
                add(choice, 1, choice.draft().count());
            }
            answerTokens = batch.size();
            for (var part : turns.share(pieces(prompts), Math.min(tokens, batch.remaining()))
                    .entrySet()) {
                current = part.getKey();
                add(current, part.getValue(), 0);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            if (!context.isOpen() || current == null) {
                throw e;
            }
            clear();
            fail.accept(current.request(), e);
            return fill(running, fail); // it is not among them any more
        }
        promptTokens = batch.size() - answerTokens;
        findOwner();
        return batch.size() > 0;
    }

    /** The most tokens of each prompt that can be computed at once. */
    private SequencedMap<Choice, Integer> pieces(List<Choice> prompts) {
        SequencedMap<Choice, Integer> pieces = new LinkedHashMap<>();
        for (Choice choice : prompts) {
            pieces.put(choice, memory.nextCheckpoint(choice, choice.computed()) - choice.computed());
        }
        return pieces;
    }

    /** Nobody's place in memory is taken for a guess. */
    private int roomForGuesses(List<Choice> answers, List<Choice> prompts) {
        int room = memory.room();
        for (Choice choice : prompts) {
            room -= choice.pending();
        }
        return Math.min(room, batch.remaining()) - answers.size();
    }

    /** Whether a choice can go on; one whose request shares a prompt that is not computed yet waits for it. */
    private boolean isReady(Choice choice) {
        Request request = choice.request();
        if (!request.isForked() && choice.index() > 0) {
            return false;
        }
        if (request.isResumed() && choice.computed() == 0) {
            for (Choice earlier : request.choices().subList(0, choice.index())) {
                if (!earlier.isOver() && earlier.computed() < earlier.promptLength()) {
                    return false;
                }
            }
            memory.attachPrefix(choice);
        }
        return true;
    }

    /** Notes whose prompt makes up most of the batch. */
    private void findOwner() {
        Request owner = null;
        for (Entry entry : entries) {
            boolean most = memory.isWhole() ? entry.count == batch.size() : 2 * entry.count > batch.size();
            if (entry.count > 1 && most) {
                owner = entry.choice.request();
            }
        }
        mostly = owner;
    }

    /** Makes a batch of one choice alone. */
    boolean fillWith(Choice choice) {
        clear();
        if (choice.pending() == 0) {
            return false;
        }
        int checkpoint = memory.nextCheckpoint(choice, choice.computed()) - choice.computed();
        add(choice, Math.min(Math.min(choice.pending(), batch.capacity()), checkpoint), 0);
        findOwner();
        return true;
    }

    private void clear() {
        batch.clear();
        entries.clear();
        mostly = null;
        answerTokens = 0;
        promptTokens = 0;
    }

    private void add(Choice choice, int count, int drafts) {
        int first = batch.size();
        int position = choice.computed();
        for (int i = 0; i < count; i++) {
            boolean output = position + 1 == choice.length();
            batch.add(choice.tokens()[position], position, choice.sequence(), output);
            position++;
        }
        for (int i = 0; i < drafts; i++) {
            batch.add(choice.draft().token(i), position++, choice.sequence(), true);
        }
        entries.add(new Entry(choice, first, count, drafts));
    }

    /** Whose tokens are in the batch. */
    List<Choice> choices() {
        return entries.stream().map(Entry::choice).toList();
    }

    /** Takes back what a decode that failed may have left in memory. */
    void rollBack() {
        for (Entry entry : entries) {
            if (entry.choice.sequence() != Choice.NO_SEQUENCE) {
                memory.rollBack(entry.choice);
            }
        }
    }

    /** Takes note of how long the decode took, and tells. */
    void took(long nanos, int running, int waiting, int usedTokens) {
        budget.observe(answerTokens, promptTokens, nanos * 1e-9);
        if (promptTokens == 0) {
            times.observe(answerTokens, nanos * 1e-9);
        }
        counters.steps.increment();
        counters.computedTokens.add(promptTokens);
        EngineObserver.StepSummary summary = new EngineObserver.StepSummary(
                promptTokens, answerTokens, running, waiting, usedTokens, memory.capacity(), Duration.ofNanos(nanos));
        observers.tell(observer -> observer.step(summary));
    }

    /**
     * Takes note of what was computed, and samples.
     *
     * @param fail called with a request that cannot go on, and why
     */
    void sample(BiConsumer<Request, Throwable> fail) {
        mostly = null;
        for (Entry entry : entries) {
            Choice choice = entry.choice;
            if (choice.sequence() == Choice.NO_SEQUENCE || choice.isOver()) {
                continue; // another choice of its request has failed
            }
            try {
                computed(entry);
            } catch (RuntimeException e) {
                if (!context.isOpen()) {
                    throw e;
                }
                fail.accept(choice.request(), e);
            }
        }
    }

    private void computed(Entry entry) {
        Choice choice = entry.choice;
        choice.computed(choice.computed() + entry.count);
        if (choice.computed() <= choice.promptLength()) {
            memory.promptGrew(choice);
        }
        if (choice.pending() > 0) {
            return;
        }
        int last = entry.firstIndex + entry.count - 1;
        Request request = choice.request();
        if (!choice.isAnswering() && !request.isForked()) {
            request.fork();
            for (Choice other : request.choices()) {
                if (other != choice) {
                    memory.fork(choice, other);
                }
            }
            for (Choice each : request.choices()) {
                each.promptComputed();
                sampleFirst(each, last);
            }
        } else {
            sampleOn(choice, last, entry.drafts);
        }
    }

    private void sampleFirst(Choice choice, int index) {
        if (choice.wantsNoToken()) {
            choice.finish(FinishReason.MAX_TOKENS);
        } else {
            sampleOn(choice, index, 0);
        }
    }

    /** Samples after the newest token, and after each guess as long as they are right. */
    private void sampleOn(Choice choice, int index, int drafts) {
        int from = choice.length();
        int right = 0;
        int at = index;
        int token = sampleOne(choice, at);
        choice.draft().sampled(token);
        while (!choice.isOver() && right < drafts && token == batch.token(at + 1)) {
            right++;
            at++;
            token = sampleOne(choice, at);
        }
        if (drafts > 0) {
            int accepted = right; // for the lambda
            choice.computed(from + accepted);
            choice.draft().checked(accepted);
            counters.draftedTokens.add(drafts);
            counters.acceptedTokens.add(accepted);
            observers.tell(observer -> observer.drafted(drafts, accepted));
            memory.rollBack(choice); // the wrong guesses
        }
    }

    private int sampleOne(Choice choice, int index) {
        counters.generatedTokens.increment();
        int top = choice.request().spec().options().logprobs();
        return choice.sample(context, index, top == 0 ? null : calculator(top), observers);
    }

    /** One calculator for all: for as many top tokens as anybody has asked for. */
    private LogprobCalculator calculator(int top) {
        LogprobCalculator current = calculator;
        if (current == null || calculatorTop < top) {
            current = new LogprobCalculator(context.model().vocabulary(), top);
            calculator = current;
            calculatorTop = top;
        }
        return current;
    }
}
