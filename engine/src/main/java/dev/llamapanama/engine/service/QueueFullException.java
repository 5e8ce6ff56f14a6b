package dev.llamapanama.engine.service;

import dev.llamapanama.engine.LlamaException;
import java.time.Duration;

/** The queue of an {@link InferenceService} is full; nothing of the request was taken. Try again later. */
public final class QueueFullException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    QueueFullException(int capacity, Duration retryAfter) {
        super("the queue holds " + capacity + " requests and is full; try again in about "
                + Math.max(1, retryAfter.toSeconds()) + " s, or raise ServiceOptions.queueCapacity");
        this.retryAfter = retryAfter;
    }

    /** When there will be room, guessed from how long the last requests took. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
