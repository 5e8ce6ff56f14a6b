package dev.llamapanama.engine.service;

/** What becomes of a request whose events are not taken; the others go on in either case. */
public enum SlowConsumerPolicy {
    /** It waits, with its KV memory, until there is room for events or its time is over. */
    PAUSE,
    /** It ends with a {@link SlowConsumerException}. */
    FAIL
}
