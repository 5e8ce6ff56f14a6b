package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOverflowException;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.MemoryUse;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelInfo;
import dev.llamapanama.engine.Sampler;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Serves many requests at once from one model.
 *
 * <p>Requests wait in a bounded queue; those that run are decoded together, so that the weights are read once for all. Prompts are
 * computed in pieces beside the answers of others. What was computed stays in a prefix cache for requests that begin alike.
 *
 * <p>Thread-safe, from virtual threads too. Owns a context and a thread for each of {@link ServiceOptions#contexts}; the model, and
 * the draft model if there is one, stay their owner's and must be open until {@link #close} returns.
 *
 * <p>Which other requests are in a batch does not change what is computed for one, but for the rounding of floating point sums,
 * whose order depends on the number of tokens in the batch: greedy answers are the same where no two tokens are equally likely
 * up to rounding.
 */
public final class InferenceService implements AutoCloseable {
    private static final Duration LONGEST_PATIENCE = Duration.ofDays(365);

    private final Model model;
    private final ServiceOptions options;
    private final RequestQueue queue;
    private final Counters counters = new Counters();
    private final Observers observers;
    private final List<Scheduler> schedulers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Set<Request> live = ConcurrentHashMap.newKeySet();
    private final AtomicLong ids = new AtomicLong();
    private final int capacity;
    private final int requestLength;
    private final SpillStore spilled;
    private volatile boolean closed;

    private InferenceService(Model model, ServiceOptions options, Scheduler.Decoder decoder, boolean ggmlAttends) {
        this.model = model;
        this.options = options;
        this.queue = new RequestQueue(options.queueCapacity());
        this.observers = new Observers(options.observers());
        this.spilled = new SpillStore(
                options.spillHeapBytes()
                        .orElse(ggmlAttends ? Runtime.getRuntime().maxMemory() / 8 : 0),
                options.spillFolder().orElse(null),
                options.spillFileBytes());
        try {
            for (int i = 0; i < options.contexts(); i++) {
                schedulers.add(new Scheduler(
                        model, options, queue, counters, observers, spilled, decoder, this::threadDied, ggmlAttends));
            }
        } catch (Throwable thrown) {
            schedulers.forEach(Scheduler::discard);
            throw thrown;
        }
        this.capacity = schedulers.getFirst().capacity();
        int length = options.requestLength() == 0 ? capacity : Math.min(capacity, options.requestLength());
        int learned = model.info().learnedPositions();
        this.requestLength = learned == 0 ? length : Math.min(length, learned);
        startThreads();
    }

    private void startThreads() {
        try {
            for (Scheduler scheduler : schedulers) {
                threads.add(Thread.ofPlatform()
                        .name("llamapanama-decode-", threads.size())
                        .daemon()
                        .start(scheduler));
            }
        } catch (Throwable thrown) { // the system has no thread left: the contexts must not stay
            schedulers.subList(threads.size(), schedulers.size()).forEach(Scheduler::discard);
            close();
            throw thrown;
        }
    }

    /**
     * Starts a service.
     *
     * @throws dev.llamapanama.engine.ContextCreationException if a context cannot be made
     * @throws IllegalArgumentException if the model is no decoder-only one, or {@link ServiceOptions#draftModel} cannot guess for
     *     it
     */
    public static InferenceService create(Model model, ServiceOptions options) {
        return create(model, options, Context::decode);
    }

    static InferenceService create(Model model, ServiceOptions options, Scheduler.Decoder decoder) {
        return create(model, options, decoder, !Backend.load().kernels().active());
    }

    /** @param ggmlAttends whether ggml's attention computes, and not the engine's own; a test may say so */
    static InferenceService create(
            Model model, ServiceOptions options, Scheduler.Decoder decoder, boolean ggmlAttends) {
        ModelInfo info = model.info();
        if (!info.hasDecoder() || info.hasEncoder()) {
            throw new IllegalArgumentException(
                    "an inference service needs a decoder-only model, and " + info.architecture() + " is none");
        }
        options.draftModel().ifPresent(draft -> DraftCompatibility.require(model, draft));
        return new InferenceService(model, options, decoder, ggmlAttends);
    }

    /** The model. */
    public Model model() {
        return model;
    }

    /** The most tokens of a request, prompt and answer together. */
    public int requestLength() {
        return requestLength;
    }

    /**
     * Queues a request. Its events are taken from the handle; while {@link ServiceOptions#eventCapacity} of them wait, the
     * request is treated as {@link ServiceOptions#slowConsumers} says.
     *
     * @throws QueueFullException if too many wait
     * @throws ContextOverflowException if it is longer than {@link #requestLength()} and its policy is to reject
     * @throws IllegalArgumentException if its prompt is empty and the model has no token to begin with, if it holds unknown
     *     tokens, or if it has more choices than {@link ServiceOptions#parallel}
     * @throws dev.llamapanama.engine.GrammarException if llama.cpp refuses the grammar
     * @throws dev.llamapanama.engine.TokenizationException if the prompt cannot be tokenized
     * @throws IllegalStateException if the service is closed
     */
    public GenerationHandle submit(GenerationRequest request) {
        return new GenerationHandle(enqueue(request, null), this::cancel, false);
    }

    /**
     * Queues a request whose events go to {@code consumer}, on a virtual thread of the request's own. What the consumer throws
     * ends the request, and {@link GenerationHandle#results} fail with it.
     *
     * @throws QueueFullException and others, as {@link #submit(GenerationRequest)}
     */
    public GenerationHandle submit(GenerationRequest request, Consumer<? super GenerationEvent> consumer) {
        Request queued = enqueue(request, null);
        Thread.ofVirtual().name("llamapanama-events-" + queued.id()).start(() -> push(queued, consumer));
        return new GenerationHandle(queued, this::cancel, true);
    }

    private void push(Request request, Consumer<? super GenerationEvent> consumer) {
        try {
            Optional<GenerationEvent> event = request.events().take();
            while (event.isPresent()) {
                consumer.accept(event.get());
                event = request.events().take();
            }
        } catch (Throwable thrown) { // an error too: nobody else would see it
            if (request.fail(thrown)) {
                counters.failed.increment();
                observers.tell(observer -> observer.failed(request.id(), thrown));
            }
            request.events().discard();
            cancel(request);
        }
    }

    /**
     * Computes a beginning of prompts and keeps it in the prefix cache. Waits until it is there.
     *
     * @param prefix tokenized as the beginning of a prompt, special tokens included
     * @param cacheSalt see {@link GenerationRequest#cacheSalt}
     * @throws QueueFullException and others, as {@link #submit(GenerationRequest)}
     */
    public PinnedPrefix pin(String prefix, String cacheSalt) {
        return pin(model.vocabulary().tokenize(prefix, true, true), cacheSalt);
    }

    /** {@link #pin(String, String)} for tokens. */
    public PinnedPrefix pin(int[] prefix, String cacheSalt) {
        GenerationRequest request = GenerationRequest.builder(prefix)
                .options(GenerationOptions.builder().maxTokens(0).build())
                .cacheSalt(cacheSalt)
                .build();
        PinnedPrefix pin = new PinnedPrefix();
        FinishReason reason = new GenerationHandle(enqueue(request, pin), this::cancel, false)
                .await()
                .getFirst()
                .finishReason();
        if (reason != FinishReason.MAX_TOKENS) {
            pin.close();
            throw new IllegalStateException("the service was closed before the prefix was computed");
        }
        return pin;
    }

    private Request enqueue(GenerationRequest spec, @Nullable PinnedPrefix pin) {
        if (spec.choices() > options.parallel()) {
            throw new IllegalArgumentException(spec.choices() + " choices; the service computes at most "
                    + options.parallel() + " at once, see ServiceOptions.parallel");
        }
        if (closed || noneAlive()) {
            throw new IllegalStateException("the service is closed");
        }
        if (queue.isFull()) {
            throw queueFull(); // before any work is done
        }
        int[] prompt = fit(spec, prompt(spec));
        Request request =
                new Request(ids.incrementAndGet(), spec, new EventBuffer(options.eventCapacity(), queue::signal), pin);
        List<Choice> choices = new ArrayList<>();
        boolean queued = false;
        try {
            for (int i = 0; i < spec.choices(); i++) {
                choices.add(new Choice(
                        request, i, prompt, sampler(spec.options(), prompt, i), model.vocabulary(), requestLength));
            }
            request.choices(choices);
            live.add(request);
            queued = queue.offer(request);
        } finally {
            if (!queued) {
                live.remove(request);
                choices.forEach(Choice::close);
            }
        }
        if (!queued) {
            throw queueFull();
        }
        counters.submitted.increment();
        var _ = request.results().whenComplete((_, _) -> live.remove(request));
        observers.tell(observer -> observer.queued(request.id(), prompt.length, queue.size()));
        if (closed) {
            cancel(request); // it came in while the service was closed
        }
        return request;
    }

    private QueueFullException queueFull() {
        counters.rejected.increment();
        observers.tell(EngineObserver::rejected);
        return new QueueFullException(options.queueCapacity(), retryAfter());
    }

    private int[] prompt(GenerationRequest spec) {
        Vocabulary vocabulary = model.vocabulary();
        GenerationOptions generation = spec.options();
        int[] tokens = spec.prompt()
                .map(text -> vocabulary.tokenize(text, generation.addSpecial(), generation.parseSpecial()))
                .orElseGet(() -> spec.promptTokens().orElseThrow());
        return tokens.length > 0 ? tokens : new int[] {vocabulary.requireFirstToken()};
    }

    /** Makes a prompt short enough, or says that it is too long. */
    private int[] fit(GenerationRequest spec, int[] prompt) {
        int maxTokens = spec.options().maxTokens();
        int answers = Math.max(maxTokens, 0);
        long needed = prompt.length + (long) answers;
        boolean fits = needed <= requestLength;
        boolean allFit = prompt.length + (long) spec.choices() * answers <= capacity;
        switch (spec.overflow()) {
            case REJECT -> {
                if (!fits || !allFit) {
                    throw tooLong(prompt.length, spec);
                }
            }
            case SHIFT -> {
                if (prompt.length >= requestLength || !allFit && spec.choices() > 1) {
                    throw tooLong(prompt.length, spec);
                }
            }
            case TRUNCATE_MIDDLE -> {
                long forAll = (long) spec.choices() * answers;
                int room = (int)
                        Math.min(requestLength - (maxTokens < 0 ? requestLength / 4 : answers), capacity - forAll);
                if (room < 2) {
                    throw tooLong(prompt.length, spec);
                }
                if (prompt.length > room) {
                    return withoutMiddle(prompt, room);
                }
            }
        }
        return prompt;
    }

    private static int[] withoutMiddle(int[] prompt, int room) {
        int head = room / 2;
        int tail = room - head;
        int[] rest = Arrays.copyOf(prompt, room);
        System.arraycopy(prompt, prompt.length - tail, rest, head, tail);
        return rest;
    }

    private ContextOverflowException tooLong(int promptLength, GenerationRequest spec) {
        long wanted = (long) spec.choices() * Math.max(spec.options().maxTokens(), 0);
        int answers = (int) Math.min(wanted, Integer.MAX_VALUE - promptLength);
        return new ContextOverflowException(
                "the prompt has %d tokens and the answer may get %d, but a request may have %d; shorten it, choose another "
                                .formatted(promptLength, answers, requestLength)
                        + "OverflowPolicy, or raise ServiceOptions.context's contextLength",
                promptLength + answers,
                requestLength);
    }

    private Sampler sampler(GenerationOptions generation, int[] prompt, int choice) {
        SamplerOptions sampling = generation.sampler();
        if (choice > 0 && sampling.seed() != SamplerOptions.RANDOM_SEED) {
            long seed = (sampling.seed() + choice) % SamplerOptions.RANDOM_SEED;
            sampling = sampling.toBuilder().seed(seed).build();
        }
        Sampler sampler =
                Sampler.create(model, generation.toBuilder().sampler(sampling).build());
        try {
            for (int token : prompt) {
                sampler.acceptPrompt(token);
            }
            return sampler;
        } catch (RuntimeException e) {
            sampler.close();
            throw e;
        }
    }

    private Duration retryAfter() {
        return schedulers.stream()
                .map(Scheduler::meanRequestTime)
                .max(Comparator.naturalOrder())
                .filter(Duration::isPositive)
                .orElse(Duration.ofSeconds(1));
    }

    private void cancel(Request request) {
        request.requestCancel();
        if (queue.remove(request)) {
            end(request);
        } else {
            schedulers.forEach(scheduler -> scheduler.cancel(request));
        }
    }

    /** Without a thread nobody would ever serve what waits. */
    private void threadDied(Throwable cause) {
        if (noneAlive()) {
            closed = true;
            queue.close();
            for (Request request : queue.snapshot()) {
                if (queue.remove(request)) {
                    request.choices().forEach(Choice::close);
                    if (request.fail(cause)) {
                        counters.failed.increment();
                        observers.tell(observer -> observer.failed(request.id(), cause));
                    }
                }
            }
        }
    }

    private boolean noneAlive() {
        return schedulers.stream().noneMatch(Scheduler::isAlive);
    }

    /** Ends a request that holds no sequence, since it was in the queue. */
    private void end(Request request) {
        for (Choice choice : request.choices()) {
            if (!choice.isOver()) {
                choice.finish(FinishReason.CANCELLED);
                choice.leave(counters, observers);
            }
        }
        request.complete();
    }

    /** How the service is. */
    public ServiceHealth health() {
        boolean alive = !closed;
        int running = 0;
        int used = 0;
        Duration longest = Duration.ZERO;
        Optional<String> error = Optional.empty();
        for (Scheduler scheduler : schedulers) {
            alive &= scheduler.isAlive();
            running += scheduler.runningChoices();
            used += scheduler.usedTokens();
            Duration age = scheduler.stepAge();
            longest = age.compareTo(longest) > 0 ? age : longest;
            error = error.or(() -> Optional.ofNullable(scheduler.lastError()));
        }
        return new ServiceHealth(
                alive, model.toString(), running, queue.size(), used, capacity * schedulers.size(), longest, error);
    }

    /** Native memory of the models and of the service's contexts, as it was reserved when they were made; once for each model. */
    public MemoryUse memoryUse() {
        MemoryUse contexts = schedulers.stream()
                .map(Scheduler::memoryUse)
                .reduce(MemoryUse::plusContext)
                .orElseThrow();
        return schedulers.stream()
                .flatMap(scheduler -> scheduler.draftMemoryUse().stream())
                .reduce(MemoryUse::plusContext)
                .map(drafts ->
                        options.draftModel().filter(draft -> draft != model).isPresent()
                                ? contexts.plus(drafts)
                                : contexts.plusContext(drafts))
                .orElse(contexts);
    }

    /** What the service has done so far. */
    public ServiceStatistics statistics() {
        return counters.snapshot();
    }

    /**
     * Takes no more requests, waits for those that are there, cancels what has not ended in time, and closes.
     *
     * @param patience how long to wait
     */
    public void shutdown(Duration patience) {
        closed = true;
        queue.close();
        CompletableFuture<?>[] pending = live.stream().map(Request::results).toArray(CompletableFuture<?>[]::new);
        try {
            Duration limit = patience.compareTo(LONGEST_PATIENCE) < 0 ? patience : LONGEST_PATIENCE;
            CompletableFuture.allOf(pending).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            // what has not ended is cancelled, and who failed was told
        }
        close();
    }

    /**
     * Cancels all requests, waits for the threads and closes the contexts. Does nothing the second time. From any thread but
     * the one that calls an {@link EngineObserver}.
     *
     * @throws IllegalStateException from there
     */
    @Override
    public void close() {
        if (threads.contains(Thread.currentThread())) {
            throw new IllegalStateException("a service cannot be closed by an observer, for which it waits");
        }
        closed = true;
        queue.close();
        schedulers.forEach(Scheduler::stop);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        for (Request request : queue.snapshot()) {
            cancel(request);
        }
        spilled.flush();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
