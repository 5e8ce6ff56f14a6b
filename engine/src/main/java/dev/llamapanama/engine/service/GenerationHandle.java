package dev.llamapanama.engine.service;

import dev.llamapanama.engine.GenerationResult;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A request in an {@link InferenceService}: its events, one by one, or its results.
 *
 * <p>Thread-safe, from virtual threads too; events are best taken by one. Holds nothing native. {@link #close} ends a request
 * that has not ended.
 */
public final class GenerationHandle implements AutoCloseable {
    private final Request request;
    private final Consumer<Request> canceller;
    private final boolean pushed; // events go to a consumer

    GenerationHandle(Request request, Consumer<Request> canceller, boolean pushed) {
        this.request = request;
        this.canceller = canceller;
        this.pushed = pushed;
    }

    /** Number of the request in its service, from 1; what an {@link EngineObserver} is told. */
    public long id() {
        return request.id();
    }

    /**
     * The next event; waits for it.
     *
     * @return empty after the last one
     * @throws dev.llamapanama.engine.LlamaException if the request failed, after the events from before
     * @throws IllegalStateException if the events go to a consumer
     * @throws InterruptedException if this thread is interrupted while it waits; the request goes on
     */
    public Optional<GenerationEvent> next() throws InterruptedException {
        if (pushed) {
            throw new IllegalStateException("the events of this request go to a consumer");
        }
        return request.events().take();
    }

    /**
     * The results of all choices, in their order, when the last one has ended. Events that were not taken yet are dropped, and
     * none come any more: take events or results. Fails with the request's {@link dev.llamapanama.engine.LlamaException}. A
     * cancelled request has results.
     *
     * <p>Stages that depend on it run on a virtual thread of the request's own, or, where there are results already, on the thread
     * that adds them.
     */
    public CompletionStage<List<GenerationResult>> results() {
        dropEvents();
        return request.results().minimalCompletionStage();
    }

    /**
     * Waits for {@link #results()}.
     *
     * @throws dev.llamapanama.engine.LlamaException if the request failed
     */
    public List<GenerationResult> await() {
        dropEvents();
        CompletableFuture<List<GenerationResult>> results = request.results();
        try {
            return results.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    /**
     * Ends the request soon, in the queue, in its prompt or in its answer: its choices finish with {@link
     * dev.llamapanama.engine.FinishReason#CANCELLED}. Does nothing when it has ended.
     */
    public void cancel() {
        canceller.accept(request);
    }

    /** Cancels the request if it has not ended, and drops what was not taken; does not wait. */
    @Override
    public void close() {
        cancel();
        dropEvents();
    }

    private void dropEvents() {
        if (!pushed) {
            request.events().discard();
        }
    }
}
