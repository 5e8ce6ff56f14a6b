package dev.llamapanama.engine.service;

import dev.llamapanama.engine.LlamaException;

/** A request was ended because nobody took its events; see {@link SlowConsumerPolicy#FAIL}. */
public final class SlowConsumerException extends LlamaException {
    private static final long serialVersionUID = 1L;

    SlowConsumerException(int capacity) {
        super("nobody took the events of this request, and " + capacity
                + " wait; read faster, raise ServiceOptions.eventCapacity, or use SlowConsumerPolicy.PAUSE");
    }
}
