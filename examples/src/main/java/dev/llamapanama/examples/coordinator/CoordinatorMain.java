package dev.llamapanama.examples.coordinator;

import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.schema.StructuredOutputException;
import dev.llamapanama.chat.testing.ScriptedModel;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.examples.ExampleModel;
import java.io.PrintStream;

/** Runs a {@link Coordinator} on a task. */
public final class CoordinatorMain {
    private static final int MAX_SUBTASKS = 6;
    private static final int MAX_TOKENS = 1000; // of an answer

    private CoordinatorMain() {}

    /** See the README. */
    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(arguments, System.out, System.err));
    }

    /** What the program does. Returns its exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) throws InterruptedException {
        if (arguments.length != 2) {
            err.println("usage: CoordinatorMain --scripted|MODEL TASK");
            return 2;
        }
        ChatOptions options = ChatOptions.builder()
                .generation(GenerationOptions.builder().maxTokens(MAX_TOKENS).build())
                .build();
        try (ExampleModel model = ExampleModel.open(arguments[0], CoordinatorMain::script)) {
            print(new Coordinator(model.chat(), options, MAX_SUBTASKS).run(arguments[1]), out);
            return 0;
        } catch (StructuredOutputException | IllegalStateException thrown) {
            err.println(thrown.getMessage());
            return 1;
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            return 2;
        }
    }

    private static void print(Coordinator.Result result, PrintStream out) {
        out.println("Plan: " + result.plan().reasoning());
        for (Coordinator.Work work : result.work()) {
            out.println("- " + work.subtask().role() + ": " + work.subtask().title() + "\n    " + work.result());
        }
        out.println(result.report().verdict() + ": " + result.report().summary());
        result.report().openPoints().forEach(point -> out.println("open: " + point));
    }

    private static ChatModel script() {
        return ScriptedModel.saying(
                """
                {"reasoning": "The change is small, but must be tested.", "subtasks": [
                  {"title": "Find the convention", "instructions": "How do others print their version?", "role": "RESEARCHER"},
                  {"title": "Write the option", "instructions": "Add --version.", "role": "CODER"},
                  {"title": "Test it", "instructions": "Show that it prints the version and exits with 0.", "role": "TESTER"},
                  {"title": "Review it", "instructions": "Look for what is missing.", "role": "REVIEWER"}]}""",
                "Name and version in one line on standard output, exit code 0.",
                "if (arguments[0].equals(\"--version\")) { out.println(\"tool \" + VERSION); return 0; }",
                "assertThat(run(\"--version\")).isEqualTo(0); it passes, and fails without the change.",
                "Right; the help text does not mention the option yet.",
                """
                {"verdict": "PARTLY_DONE", "summary": "The option is there and tested.",
                 "openPoints": ["mention --version in the help text"]}""");
    }
}
