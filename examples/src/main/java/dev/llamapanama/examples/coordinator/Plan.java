package dev.llamapanama.examples.coordinator;

import dev.llamapanama.chat.schema.Description;
import java.util.List;

/** How a task is broken up. */
@Description("a plan of work")
public record Plan(
        @Description("why the task is broken up like this, in one sentence")
        String reasoning,

        @Description("in the order in which they are done") List<Subtask> subtasks) {
    /** One piece of work. */
    public record Subtask(
            @Description("a few words") String title,
            @Description("what to do, and when it is done") String instructions,
            @Description("who does it") Role role) {}
}
