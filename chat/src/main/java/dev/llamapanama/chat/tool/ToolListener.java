package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ToolCall;
import java.util.Optional;

/** Told of calls, by the thread that runs the loop. */
public interface ToolListener {
    /** A handler is about to be called. */
    default void callBegins(ToolCall call) {}

    /**
     * A call is over, or was not made at all. Of parallel calls in the order of the calls, not of their ends.
     *
     * @param failure what the handler threw; the model does not see it
     */
    default void callEnded(ToolResult result, Optional<Throwable> failure) {}

    /** Does nothing. */
    static ToolListener none() {
        return new ToolListener() {};
    }
}
