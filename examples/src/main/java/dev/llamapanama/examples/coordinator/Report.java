package dev.llamapanama.examples.coordinator;

import dev.llamapanama.chat.schema.Description;
import java.util.List;

/** What has come of a task. */
public record Report(
        @Description("whether the task is done, or what hinders it")
        Verdict verdict,

        @Description("what was done, in a few sentences") String summary,
        @Description("what is left to do; empty if nothing") List<String> openPoints) {
    /** Whether a task is done. */
    public enum Verdict {
        /** It is done. */
        DONE,
        /** Some of it is done. */
        PARTLY_DONE,
        /** It cannot be done. */
        BLOCKED
    }
}
