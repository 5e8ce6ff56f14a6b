package dev.llamapanama.chat.schema;

import dev.llamapanama.engine.FinishReason;

/** The answer ended before it was complete. */
public final class TruncatedOutputException extends StructuredOutputException {
    private static final long serialVersionUID = 1L;

    private final String partialText;
    private final FinishReason finishReason;

    /** Says what is wrong, and keeps the text. */
    public TruncatedOutputException(String partialText, FinishReason finishReason) {
        super("the answer ended before it was complete, after " + partialText.length() + " characters: " + finishReason
                + "; " + remedy(finishReason) + " (partialText() has what is there)");
        this.partialText = partialText;
        this.finishReason = finishReason;
    }

    private static String remedy(FinishReason reason) {
        return switch (reason) {
            case MAX_TOKENS -> "raise maxTokens, or ask for less";
            case CONTEXT_FULL -> "take a bigger context, or send less";
            case DEADLINE -> "raise the timeout";
            case CANCELLED, END_OF_GENERATION, STOP_STRING -> "ask again";
        };
    }

    /** What was generated. */
    public String partialText() {
        return partialText;
    }

    /** Why it ended. */
    public FinishReason finishReason() {
        return finishReason;
    }
}
