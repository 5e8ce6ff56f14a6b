package dev.llamapanama.examples.coordinator;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatResponse;
import dev.llamapanama.chat.StructuredOutput;
import dev.llamapanama.engine.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Breaks a task into subtasks, gives them to roles, and sums up. */
public final class Coordinator {
    private final ChatModel model;
    private final ChatOptions options;
    private final int maxSubtasks;

    /** A coordinator whose roles are all played by one model. */
    public Coordinator(ChatModel model, ChatOptions options, int maxSubtasks) {
        this.model = model;
        this.options = options;
        this.maxSubtasks = maxSubtasks;
    }

    /** What was done. */
    public record Result(Plan plan, List<Work> work, Report report) {}

    /** What a role has done. */
    public record Work(Plan.Subtask subtask, String result) {}

    /** Does a task. */
    public Result run(String task) throws InterruptedException {
        Plan plan = StructuredOutput.generate(
                model,
                "Break this task into at most " + maxSubtasks + " subtasks, and give each to a role.\n\nTask: " + task,
                Plan.class,
                options);
        if (plan.subtasks().isEmpty() || plan.subtasks().size() > maxSubtasks) {
            throw new IllegalStateException(
                    "the plan has " + plan.subtasks().size() + " subtasks, not 1 to " + maxSubtasks);
        }
        List<Work> work = new ArrayList<>();
        for (Plan.Subtask subtask : plan.subtasks()) {
            work.add(new Work(subtask, perform(task, subtask, work)));
        }
        Report report = StructuredOutput.generate(
                model, "Report on this task.\n\nTask: " + task + "\n" + describe(work), Report.class, options);
        return new Result(plan, List.copyOf(work), report);
    }

    private String perform(String task, Plan.Subtask subtask, List<Work> before) throws InterruptedException {
        String request = "The whole task: " + task + "\n" + describe(before) + "\nYour part: " + subtask.title() + "\n"
                + subtask.instructions();
        ChatResponse response = model.complete(
                List.of(ChatMessage.system(subtask.role().instructions()), ChatMessage.user(request)), options);
        boolean cutOff = response.finishReason() == FinishReason.MAX_TOKENS;
        return response.message().content() + (cutOff ? " [cut off]" : "");
    }

    private static String describe(List<Work> work) {
        StringBuilder text = new StringBuilder();
        for (Work each : work) {
            text.append("\nThe ")
                    .append(each.subtask().role().name().toLowerCase(Locale.ROOT))
                    .append(" has done \"")
                    .append(each.subtask().title())
                    .append("\":\n")
                    .append(each.result())
                    .append('\n');
        }
        return text.toString();
    }
}
