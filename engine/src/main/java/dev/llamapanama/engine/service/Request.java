package dev.llamapanama.engine.service;

import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way: what was asked, its choices, and where its events go.
 *
 * <p>It belongs to the thread that submits it, then to the queue, then to the thread that decodes; only {@link #requestCancel}
 * comes from others.
 */
final class Request {
    private static final Duration LONGEST = Duration.ofDays(365);

    private final long id;
    private final GenerationRequest spec;
    private final EventBuffer events;
    private final long submittedNanos;
    private final long deadlineNanos; // as System.nanoTime()
    private final CompletableFuture<List<GenerationResult>> results = new CompletableFuture<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private List<Choice> choices = List.of();
    private final @Nullable PinnedPrefix pin;
    private volatile boolean cancelRequested;
    private boolean started;
    private boolean forked;
    private boolean resumed;

    /** @param pin what keeps the prompt in the cache when it is computed, or null */
    Request(long id, GenerationRequest spec, EventBuffer events, @Nullable PinnedPrefix pin) {
        this.id = id;
        this.spec = spec;
        this.events = events;
        this.pin = pin;
        this.submittedNanos = System.nanoTime();
        Duration timeout =
                spec.timeout().filter(value -> value.compareTo(LONGEST) < 0).orElse(LONGEST);
        this.deadlineNanos = submittedNanos + timeout.toNanos();
    }

    long id() {
        return id;
    }

    GenerationRequest spec() {
        return spec;
    }

    @Nullable
    PinnedPrefix pin() {
        return pin;
    }

    EventBuffer events() {
        return events;
    }

    CompletableFuture<List<GenerationResult>> results() {
        return results;
    }

    /** All choices, in their order; those that have ended too. */
    List<Choice> choices() {
        return choices;
    }

    void choices(List<Choice> made) {
        choices = List.copyOf(made);
    }

    Choice first() {
        return choices.getFirst();
    }

    long submittedNanos() {
        return submittedNanos;
    }

    Duration sinceSubmitted() {
        return Duration.ofNanos(System.nanoTime() - submittedNanos);
    }

    /** Time until the deadline, negative when it is over. */
    long nanosLeft() {
        return deadlineNanos - System.nanoTime();
    }

    void requestCancel() {
        cancelRequested = true;
    }

    /** Why the request must end now, or null. */
    @Nullable
    FinishReason interruption() {
        if (cancelRequested) {
            return FinishReason.CANCELLED;
        }
        return nanosLeft() <= 0 ? FinishReason.DEADLINE : null;
    }

    /** Whether it has been computed before: it lost its place to others, and goes on. */
    boolean isStarted() {
        return started;
    }

    void start() {
        started = true;
    }

    /** Whether the first choice's prompt was given to the others, so that each goes its own way. */
    boolean isForked() {
        return forked;
    }

    void fork() {
        forked = true;
    }

    /** Whether it lost its sequences, so that its choices compute again what they have, each for itself. */
    boolean isResumed() {
        return resumed;
    }

    /** Takes note that it loses its sequences. */
    void suspend() {
        resumed = true;
    }

    boolean isOver() {
        return choices.stream().allMatch(Choice::isOver);
    }

    /** Tells that all is done; from the second call on nothing happens. Waiting code runs on a thread of its own. */
    boolean complete() {
        return end(null);
    }

    /** Tells that it failed; from the second call on nothing happens. */
    boolean fail(Throwable cause) {
        return end(cause);
    }

    private boolean end(@Nullable Throwable cause) {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        events.end(cause);
        List<GenerationResult> all =
                cause == null ? choices.stream().map(Choice::result).toList() : List.of();
        // stages that depend on it must not run on the thread that decodes
        Thread.ofVirtual().name("llamapanama-results-" + id).start(() -> {
            if (cause == null) {
                results.complete(all);
            } else {
                results.completeExceptionally(cause);
            }
        });
        return true;
    }
}
