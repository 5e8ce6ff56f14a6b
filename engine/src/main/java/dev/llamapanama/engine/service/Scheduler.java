package dev.llamapanama.engine.service;

import dev.llamapanama.engine.CancelledException;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOverflowException;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.KvCacheFullException;
import dev.llamapanama.engine.MemoryUse;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.internal.ComputeThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one context: takes requests from the queue, decodes them together step by step, and hands out what comes.
 *
 * <p>A step: end what was cancelled or is out of time, take in what fits, make a batch ({@link StepBatch}), make room in the KV
 * memory, decode, sample. Other threads only call {@link #cancel}, {@link #stop} and what reads figures.
 */
final class Scheduler implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(InferenceService.class.getName());

    /** Tokens to come of an answer without a limit. Room is kept for them; if it gets longer, others may have to wait. */
    static final int EXPECTED_ANSWER = 256;

    private static final int WORTH_WAITING = 16; // tokens of a prefix that another request is computing
    private static final long IDLE_NANOS = 1_000_000_000;
    private static final long RELEASE_NANOS = 20_000_000; // idle, until computing threads are ended
    private static final long CLOSE_STEP = 0;
    private static final long GATHERING_NANOS = 1_000_000; // without a new request
    private static final int MOST_GATHERINGS = 10;

    /** Decodes a context's batch, that of the model or of the draft model; a test puts failures here. */
    interface Decoder {
        void decode(Context context);
    }

    private final Context context;
    private boolean threadsKept; // for the next step
    private long lastStep; // System.nanoTime
    private final @Nullable DraftModel draftModel;
    private final RequestQueue queue;
    private final KvMemory memory;
    private final StepBatch batch;
    private final Counters counters;
    private final Observers observers;
    private final Decoder decoder;
    private final Consumer<Throwable> onDeath;
    private final boolean shared; // the queue
    private final MemoryUse memoryUse;
    private final SlowConsumerPolicy slowConsumers;
    private final int eventCapacity;
    private final List<Request> running = new ArrayList<>(); // in the order in which they were taken in
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>(); // of other threads, between steps
    private final ReentrantLock flight = new ReentrantLock();
    private boolean inFlight; // guarded by flight
    private boolean aborted; // guarded by flight
    private volatile boolean stopping;
    private volatile boolean dead;
    private volatile @Nullable String lastError;
    private volatile long stepStart = CLOSE_STEP; // System.nanoTime() when a decode began; 0 between decodes
    private volatile int runningChoices;
    private volatile int usedTokens;
    private volatile long finishedNanos; // mean time of a request, for those that are turned away
    private long evictedTokens;
    private boolean idleToMove; // requests were taken in since the last step

    Scheduler(
            Model model,
            ServiceOptions options,
            RequestQueue queue,
            Counters counters,
            Observers observers,
            SpillStore spilled,
            Decoder decoder,
            Consumer<Throwable> onDeath,
            boolean ggmlAttends) {
        this.queue = queue;
        this.counters = counters;
        this.observers = observers;
        this.decoder = decoder;
        this.onDeath = onDeath;
        this.shared = options.contexts() > 1;
        this.slowConsumers = options.slowConsumers();
        this.eventCapacity = options.eventCapacity();
        this.context = model.newContext(options.context().toBuilder()
                .maxSequences(KvMemory.sequences(model.info(), options))
                .unifiedKv(true)
                .fullSwa(true) // else a prefix could be used at its end only
                .build());
        DraftModel drafting = null;
        try {
            this.memoryUse = context.memoryUse();
            drafting = options.draftModel()
                    .map(draft -> new DraftModel(draft, context, options, running, this::decodeDraft))
                    .orElse(null);
            this.draftModel = drafting;
            this.memory = new KvMemory(context, options, spilled, running, ggmlAttends);
            this.batch = new StepBatch(context, memory, options, counters, observers, draftModel, ggmlAttends);
        } catch (Throwable thrown) {
            if (drafting != null) {
                drafting.close();
            }
            context.close();
            throw thrown;
        }
    }

    @Override
    public void run() {
        try {
            for (long seen = queue.changes(); !stopping; seen = queue.changes()) {
                runTasks();
                endInterrupted();
                gather();
                takeIn();
                if (step()) {
                    lastStep = System.nanoTime();
                    threadsKept = true;
                } else {
                    queue.await(seen, Math.min(nanosToWait(), nanosToRelease()));
                }
            }
        } catch (Throwable thrown) {
            lastError = thrown.toString();
            LOGGER.log(System.Logger.Level.ERROR, "the thread of " + context + " has failed", thrown);
            failAll(thrown);
            dead = true;
            onDeath.accept(thrown);
        } finally {
            dead = true;
            runningChoices = 0;
            try {
                endAll();
            } finally {
                discard();
            }
        }
    }

    /** Ends the threads that compute if there has been nothing to do for a while; when to look again. */
    private long nanosToRelease() {
        if (!threadsKept || !running.isEmpty()) {
            return IDLE_NANOS;
        }
        long left = RELEASE_NANOS - (System.nanoTime() - lastStep);
        if (left > 0) {
            return left;
        }
        threadsKept = !ComputeThreads.release();
        return IDLE_NANOS;
    }

    /**
     * Waits for requests that come together with the first ones, so that their prompts are computed together too and the weights
     * read once for all; where something runs, they wait for its step in any case.
     */
    private void gather() {
        int waiting = running.isEmpty() ? queue.size() : 0;
        for (int i = 0; i < MOST_GATHERINGS && waiting > 0; i++) {
            LockSupport.parkNanos(GATHERING_NANOS);
            int now = queue.size();
            if (now <= waiting) {
                return;
            }
            waiting = now;
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    // --- requests come and go ----------------------------------------------------------------------------------------

    private void takeIn() {
        Request request = queue.poll(this::decide);
        while (request != null) {
            start(request);
            idleToMove = true;
            request = shared ? null : queue.poll(this::decide); // other contexts want some, too
        }
    }

    private RequestQueue.Verdict decide(Request request) {
        if (request.interruption() != null) {
            return RequestQueue.Verdict.TAKE; // it is ended at once
        }
        if (request.events().isFull()) {
            return RequestQueue.Verdict.SKIP; // nobody reads it
        }
        int wanted = (int)
                request.choices().stream().filter(choice -> !choice.isOver()).count();
        if (memory.freeSequences() < wanted) {
            return RequestQueue.Verdict.STOP;
        }
        if (isComputedByAnother(request)) {
            return RequestQueue.Verdict.SKIP;
        }
        return running.isEmpty() || memory.fits(request, EXPECTED_ANSWER)
                ? RequestQueue.Verdict.TAKE
                : RequestQueue.Verdict.STOP;
    }

    /** Whether a running request is about to compute a prefix that this one could share. */
    private boolean isComputedByAnother(Request request) {
        Choice mine = request.first();
        String salt = request.spec().cacheSalt();
        int limit = mine.length() - 1;
        int cached = -1;
        for (Request other : running) {
            Choice theirs = other.first();
            if (!memory.isWhole()
                    && theirs.pending() > 1
                    && !theirs.isOver()
                    && other.spec().cacheSalt().equals(salt)) {
                int common = Tokens.common(mine.tokens(), theirs.tokens(), Math.min(limit, theirs.promptLength()));
                if (common > theirs.computed()) {
                    cached = cached < 0 ? memory.cache().match(salt, mine.tokens(), limit) : cached;
                    if (common - cached >= WORTH_WAITING) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void start(Request request) {
        running.add(request);
        FinishReason interruption = request.interruption();
        if (interruption != null) {
            end(request, interruption);
            return;
        }
        for (Choice choice : request.choices()) {
            if (!choice.isOver()) {
                memory.take(choice);
                if (choice.index() == 0 && !request.isStarted()) {
                    memory.attachPrefix(choice);
                }
            }
        }
        if (request.isStarted()) {
            return;
        }
        request.start();
        Choice first = request.first();
        int prompt = first.promptLength();
        int cached = first.computed();
        request.choices().forEach(choice -> choice.start(cached));
        counters.cacheLookups.increment();
        counters.promptTokens.add(prompt);
        counters.cachedTokens.add(cached);
        if (cached > 0) {
            counters.cacheHits.increment();
        }
        Duration queued = request.sinceSubmitted();
        request.events().add(new GenerationEvent.Started(prompt, cached, queued));
        observers.tell(observer -> observer.started(request.id(), prompt, cached, queued));
    }

    private void endInterrupted() {
        for (Request request : List.copyOf(running)) {
            FinishReason reason = request.interruption();
            if (reason != null) {
                end(request, reason);
            }
        }
        queue.removeInterrupted().forEach((request, reason) -> end(request, reason));
    }

    /** Ends what is left of a request. */
    private void end(Request request, FinishReason reason) {
        for (Choice choice : request.choices()) {
            if (!choice.isOver()) {
                choice.finish(reason);
                leave(choice);
            }
        }
        complete(request);
    }

    /** Gives back what a choice had that is over. */
    private void leave(Choice choice) {
        Request request = choice.request();
        if (context.isOpen()) {
            memory.release(choice, true, request.pin());
        }
        if (request.pin() != null) {
            request.pin().owner(this);
        }
        choice.leave(counters, observers);
    }

    private void complete(Request request) {
        running.remove(request);
        if (request.complete()) {
            long nanos = request.sinceSubmitted().toNanos();
            finishedNanos = finishedNanos == 0 ? nanos : finishedNanos + (nanos - finishedNanos) / 8;
        }
    }

    private void fail(Request request, Throwable cause) {
        for (Choice choice : request.choices()) {
            if (context.isOpen()) {
                memory.release(choice, false, null);
            }
            choice.close();
        }
        running.remove(request);
        lastError = cause.toString();
        if (request.fail(cause)) {
            counters.failed.increment();
            observers.tell(observer -> observer.failed(request.id(), cause));
        }
    }

    private void failAll(Throwable cause) {
        List.copyOf(running).forEach(request -> fail(request, cause));
    }

    /** When the thread ends: nothing is kept. */
    private void endAll() {
        for (Request request : List.copyOf(running)) {
            for (Choice choice : request.choices()) {
                if (!choice.isOver()) {
                    choice.finish(FinishReason.CANCELLED);
                    choice.leave(counters, observers);
                }
                choice.close(); // of those that were over but had not left
            }
            complete(request);
        }
    }

    // --- a step ------------------------------------------------------------------------------------------------------

    /** Decodes a batch; false if there was nothing to decode. */
    private boolean step() {
        shiftFull();
        handleSlowConsumers();
        int choices = 0;
        for (Request request : running) {
            for (Choice choice : request.choices()) {
                choices += choice.isOver() ? 0 : 1;
            }
        }
        runningChoices = choices;
        usedTokens = memory.usedTokens();
        if (!batch.fill(running, this::fail)) {
            return false;
        }
        if (idleToMove) {
            idleToMove = false;
            memory.moveIdleOut(); // what the requests use of it they have now
        }
        if (!memory.makeRoom(batch.size())) {
            preempt();
            return true;
        }
        long begin = System.nanoTime();
        try {
            if (!decode()) {
                batch.rollBack();
                return true;
            }
        } catch (CancelledException e) {
            batch.rollBack();
            return true;
        } catch (KvCacheFullException e) {
            batch.rollBack();
            if (!memory.cache().evict()) {
                preempt();
            }
            return true;
        } catch (RuntimeException e) {
            decodeFailed(e);
            return true;
        }
        batch.took(System.nanoTime() - begin, choices, queue.size(), usedTokens);
        batch.sample(this::fail);
        leaveFinished();
        tellEvicted();
        return true;
    }

    private void tellEvicted() {
        int evicted = (int) (memory.evictedTokens() - evictedTokens);
        if (evicted > 0) {
            evictedTokens += evicted;
            counters.evictedTokens.add(evicted);
            observers.tell(observer -> observer.evicted(evicted));
        }
    }

    /** Decodes the batch; false if it was cancelled before, while the draft model was guessing. */
    private boolean decode() {
        flight.lock();
        try {
            if (stopping || batch.isMostlyInterrupted()) {
                return false;
            }
            inFlight = true;
            aborted = false;
        } finally {
            flight.unlock();
        }
        stepStart = System.nanoTime();
        try {
            decoder.decode(context);
        } finally {
            stepStart = CLOSE_STEP;
            flight.lock();
            try {
                inFlight = false;
                if (aborted && context.isOpen()) {
                    context.clearCancel(); // it may have come after the last node
                }
            } finally {
                flight.unlock();
            }
        }
        return true;
    }

    /** Nobody stops it: it is short. */
    private void decodeDraft(Context draft) {
        stepStart = System.nanoTime();
        try {
            decoder.decode(draft);
        } finally {
            stepStart = CLOSE_STEP;
        }
    }

    /** One request may be the cause: each is tried alone, and the one that fails is out. */
    private void decodeFailed(RuntimeException failure) {
        if (!context.isOpen()) {
            throw failure;
        }
        List<Choice> suspects = batch.choices();
        batch.rollBack();
        if (suspects.size() == 1) {
            fail(suspects.getFirst().request(), failure);
            return;
        }
        for (Choice suspect : suspects) {
            boolean stillThere = !suspect.isOver() && suspect.sequence() != Choice.NO_SEQUENCE;
            if (stopping || !stillThere || !batch.fillWith(suspect) || !memory.makeRoom(batch.size())) {
                continue;
            }
            try {
                if (!decode()) {
                    batch.rollBack();
                    continue;
                }
            } catch (CancelledException | KvCacheFullException e) {
                batch.rollBack(); // the next step tries again
                continue;
            } catch (RuntimeException e) {
                if (!context.isOpen()) {
                    throw e;
                }
                batch.rollBack();
                fail(suspect.request(), e);
                continue;
            }
            batch.sample(this::fail);
        }
        leaveFinished();
    }

    private void leaveFinished() {
        for (Request request : List.copyOf(running)) {
            for (Choice choice : request.choices()) {
                if (choice.isOver() && choice.sequence() != Choice.NO_SEQUENCE) {
                    leave(choice);
                }
            }
            if (request.isOver()) {
                complete(request);
            }
        }
    }

    /** Makes room in answers that are as long as they may be. */
    private void shiftFull() {
        for (Request request : running) {
            for (Choice choice : request.choices()) {
                if (!choice.isOver() && choice.isAnswering() && choice.isFull()) {
                    boolean shifted = request.spec().overflow() == OverflowPolicy.SHIFT && choice.shift();
                    if (shifted) {
                        memory.restart(choice);
                    } else {
                        choice.finish(FinishReason.CONTEXT_FULL);
                    }
                }
            }
        }
        leaveFinished();
    }

    /** Whose events nobody takes gives its place to others, or fails. */
    private void handleSlowConsumers() {
        for (Request request : List.copyOf(running)) {
            if (request.events().isFull()) {
                if (slowConsumers == SlowConsumerPolicy.FAIL) {
                    fail(request, new SlowConsumerException(eventCapacity));
                } else {
                    suspend(request, true);
                }
            }
        }
    }

    /**
     * Takes the sequences of a request and puts it back into the queue.
     *
     * @param keep whether the cache may keep what it has
     */
    private void suspend(Request request, boolean keep) {
        for (Choice choice : request.choices()) {
            memory.release(choice, keep, null);
        }
        request.suspend();
        running.remove(request);
        queue.putBack(request);
    }

    /** Takes the memory of the least important request, which came last; if it is alone, its longest answer ends here. */
    private void preempt() {
        Request victim = running.stream()
                .min(Comparator.comparingInt((Request request) -> request.spec().priority())
                        .thenComparingLong(request -> -request.id()))
                .orElseThrow();
        if (running.size() > 1) {
            counters.preemptions.increment();
            suspend(victim, false);
            return;
        }
        Optional<Choice> longest = victim.choices().stream()
                .filter(choice -> !choice.isOver() && choice.isAnswering())
                .max(Comparator.comparingInt(Choice::length));
        if (longest.isPresent()) {
            longest.get().finish(FinishReason.CONTEXT_FULL);
            leaveFinished();
        } else {
            fail(
                    victim,
                    new ContextOverflowException(
                            "the KV memory of %d tokens has no room for a prompt of %d beside what is pinned"
                                    .formatted(memory.capacity(), victim.first().promptLength()),
                            victim.first().promptLength(),
                            memory.capacity() - memory.cache().lockedTokens()));
        }
    }

    private long nanosToWait() {
        long nanos = IDLE_NANOS;
        for (Request request : running) {
            nanos = Math.min(nanos, request.nanosLeft());
        }
        for (Request request : queue.snapshot()) {
            nanos = Math.min(nanos, request.nanosLeft());
        }
        return Math.max(1, nanos);
    }

    // --- from other threads ------------------------------------------------------------------------------------------

    /** Ends a request soon; stops a decode that works on its prompt. */
    void cancel(Request request) {
        request.requestCancel();
        flight.lock();
        try {
            // others lose their part of the step, so only where it is this one's above all
            if (inFlight && batch.isMostlyPromptOf(request)) {
                aborted = true;
                context.cancel();
            }
        } finally {
            flight.unlock();
        }
        queue.signal();
    }

    /** Gives up what a prefix kept in the cache. */
    void unpin(PrefixCache.Lease lease) {
        tasks.add(() -> memory.cache().release(lease));
        queue.signal();
    }

    /** Ends the thread soon; what runs is cancelled. */
    void stop() {
        stopping = true;
        flight.lock();
        try {
            if (inFlight) {
                aborted = true;
                context.cancel();
            }
        } finally {
            flight.unlock();
        }
        queue.signal();
    }

    /** Closes the contexts; called by others only where the thread was never started. */
    void discard() {
        try {
            if (draftModel != null) {
                draftModel.close();
            }
        } finally {
            context.close();
        }
    }

    boolean isAlive() {
        return !dead;
    }

    @Nullable
    String lastError() {
        return lastError;
    }

    MemoryUse memoryUse() {
        return memoryUse;
    }

    Optional<MemoryUse> draftMemoryUse() {
        return Optional.ofNullable(draftModel).map(DraftModel::memoryUse);
    }

    int runningChoices() {
        return runningChoices;
    }

    int usedTokens() {
        return usedTokens;
    }

    int capacity() {
        return memory.capacity();
    }

    /** Time that the decode under way has taken so far. */
    Duration stepAge() {
        long begin = stepStart;
        return begin == CLOSE_STEP ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - begin);
    }

    /** How long a request takes, on average. */
    Duration meanRequestTime() {
        return Duration.ofNanos(finishedNanos);
    }
}
