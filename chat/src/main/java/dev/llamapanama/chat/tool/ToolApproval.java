package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ToolCall;

/**
 * Asked before each call, in the order of the calls, by the thread that runs the loop; no call of the round has begun then. It
 * may wait, as for a person. If it throws, nothing is called and the loop ends with that exception.
 */
@FunctionalInterface
public interface ToolApproval {
    /** What to do about a call. The call itself cannot be changed. */
    sealed interface Decision {
        /** Call it. */
        record Approved() implements Decision {}

        /**
         * Do not call it.
         *
         * @param reason the model reads it
         */
        record Refused(String reason) implements Decision {}
    }

    /** Decides on a call; its arguments may not follow the schema yet. */
    Decision decide(ToolCall call) throws InterruptedException;

    /** Call it. */
    static Decision approve() {
        return new Decision.Approved();
    }

    /** Do not call it, and tell the model why. */
    static Decision refuse(String reason) {
        return new Decision.Refused(reason);
    }

    /** Approves everything. */
    static ToolApproval all() {
        return call -> approve();
    }
}
