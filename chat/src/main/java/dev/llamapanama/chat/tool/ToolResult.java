package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ToolCall;
import java.time.Duration;

/**
 * What has come of a call. Immutable.
 *
 * @param call what the model wanted
 * @param status how it went
 * @param content what the model reads: the result, or what went wrong and what to do
 * @param duration how long the handler took; zero if it was not called
 */
public record ToolResult(ToolCall call, Status status, String content, Duration duration) {
    /** How a call went. */
    public enum Status {
        /** The handler returned. */
        OK,
        /** The arguments do not follow the schema; the handler was not called. */
        INVALID_ARGUMENTS,
        /** There is no such tool. */
        UNKNOWN_TOOL,
        /** {@link ToolApproval} refused it; the handler was not called. */
        REFUSED,
        /** The handler threw. */
        FAILED,
        /** The handler took too long. It was interrupted; whether it has stopped is not known. */
        TIMED_OUT
    }

    /** As a message to the model. */
    public ChatMessage message() {
        return ChatMessage.tool(call, content);
    }
}
