package dev.llamapanama.chat.tool;

/** A {@link ToolLoop} has ended without an answer. */
public final class ToolLoopException extends ToolException {
    private static final long serialVersionUID = 1L;

    private final transient ToolLoopResult result;

    ToolLoopException(ToolLoopResult result) {
        super("no answer after " + result.rounds() + " rounds of tool calls: " + result.outcome() + "; "
                + switch (result.outcome()) {
                    case MAX_ROUNDS -> "raise maxRounds, or tell the model to answer";
                    case TRUNCATED -> "raise maxTokens, or take a bigger context";
                    case CANCELLED, ANSWERED -> "ask again";
                }
                + " (result() has what was said)");
        this.result = result;
    }

    /** What was reached. */
    public ToolLoopResult result() {
        return result;
    }
}
