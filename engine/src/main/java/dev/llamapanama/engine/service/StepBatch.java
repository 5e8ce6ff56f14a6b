package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.LogprobCalculator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * One batch of a step: first the answers' newest tokens, with guesses of the next ones behind them, then pieces of prompts as
 * far as the step's time goes; and what comes of it.
 *
 * <p>Used by the one thread that decodes; {@link #hasPromptOf} by any.
 */
final class StepBatch {
    /** Tokens {@code [choice.computed(), + count)} and then guesses, which lie from {@code firstIndex} on in the batch. */
    private record Entry(Choice choice, int firstIndex, int count, int drafts) {}

    private final Context context;
    private final Batch batch;
    private final KvMemory memory;
    private final ServiceOptions options;
    private final Counters counters;
    private final Observers observers;
    private final StepBudget budget;
    private final StepTimes times = new StepTimes();
    private final List<Entry> entries = new ArrayList<>();
    private final Set<Request> prompts = ConcurrentHashMap.newKeySet(); // those with a piece of prompt in the batch
    private final int[] guesses = new int[DraftLength.MOST];
    private final Map<Integer, LogprobCalculator> calculators = new HashMap<>(); // by number of top tokens
    private int answerTokens;
    private int promptTokens;

    StepBatch(Context context, KvMemory memory, ServiceOptions options, Counters counters, Observers observers) {
        this.context = context;
        this.batch = context.batch();
        this.memory = memory;
        this.options = options;
        this.counters = counters;
        this.observers = observers;
        this.budget = new StepBudget(options.targetStepTime().toNanos() * 1e-9);
    }

    int size() {
        return batch.size();
    }

    int eventCapacity() {
        return options.eventCapacity();
    }

    /** Requests in need of {@link SlowConsumerPolicy#FAIL}. */
    List<Request> slowConsumers(List<Request> running) {
        return options.slowConsumers() == SlowConsumerPolicy.PAUSE
                ? List.of()
                : running.stream().filter(request -> request.events().isFull()).toList();
    }

    /** Any thread: whether a piece of a request's prompt is in the batch. */
    boolean hasPromptOf(Request request) {
        return prompts.contains(request);
    }

    /** Makes the next batch; false if there is nothing to decode. */
    boolean fill(List<Request> running) {
        clear();
        List<Choice> active = new ArrayList<>();
        for (Request request : running) {
            if (!request.events().isFull()) {
                for (Choice choice : request.choices()) {
                    boolean waitsForPrompt = choice.index() > 0 && !request.isForked();
                    if (!choice.isOver() && !waitsForPrompt) {
                        active.add(choice);
                    }
                }
            }
        }
        addAnswers(active);
        addPrompts(active.stream().filter(choice -> choice.pending() > 1).toList());
        return batch.size() > 0;
    }

    /** Makes a batch of one choice alone. */
    boolean fillWith(Choice choice) {
        clear();
        if (choice.pending() == 0) {
            return false;
        }
        add(choice, Math.min(choice.pending(), batch.capacity()), 0);
        return true;
    }

    private void clear() {
        batch.clear();
        entries.clear();
        prompts.clear();
        answerTokens = 0;
        promptTokens = 0;
    }

    private void addAnswers(List<Choice> active) {
        List<Choice> answering =
                active.stream().filter(choice -> choice.pending() == 1).toList();
        int waiting = answering.size(); // that must find room
        for (Choice choice : answering) {
            waiting--;
            boolean drafts = options.promptLookup() && !memory.isWhole() && choice.isAnswering();
            int count =
                    drafts ? choice.draft(batch.size() + waiting, batch.remaining() - waiting - 1, times, guesses) : 0;
            add(choice, 1, count);
        }
        answerTokens = batch.size();
    }

    private void addPrompts(List<Choice> prefilling) {
        int left = prefilling.size();
        int tokens = budget.promptTokens(answerTokens > 0);
        for (Choice choice : prefilling) {
            tokens = Math.min(tokens, batch.remaining());
            if (tokens == 0) {
                break;
            }
            int share = Math.max(1, tokens / left--);
            int checkpoint = memory.nextCheckpoint(choice, choice.computed());
            int count = Math.min(Math.min(choice.pending(), share), checkpoint - choice.computed());
            add(choice, count, 0);
            prompts.add(choice.request());
            tokens -= count;
        }
        promptTokens = batch.size() - answerTokens;
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
            batch.add(guesses[i], position++, choice.sequence(), true);
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
        prompts.clear();
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
        if (!choice.isAnswering()) {
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
        while (!choice.isOver() && right < drafts && token == batch.token(at + 1)) {
            right++;
            at++;
            token = sampleOne(choice, at);
        }
        if (drafts > 0) {
            int accepted = right;
            choice.computed(from + accepted);
            choice.drafted(drafts, accepted);
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

    private LogprobCalculator calculator(int top) {
        return calculators.computeIfAbsent(
                top, count -> new LogprobCalculator(context.model().vocabulary(), count));
    }
}
