package dev.llamapanama.examples.assistant;

import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.agent.ReActAgent;
import dev.llamapanama.chat.agent.ReActResult;
import dev.llamapanama.chat.agent.ReActStep;
import dev.llamapanama.chat.testing.ScriptedModel;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.examples.ExampleModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Answers a question with three tools. */
public final class AssistantMain {
    private static final int MAX_TOKENS = 4000; // of all steps

    private AssistantMain() {}

    /** See the README. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.exit(run(arguments, Clock.systemUTC(), System.out, System.err));
    }

    /** What the program does. Returns its exit code. */
    public static int run(String[] arguments, Clock clock, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        if (arguments.length != 3) {
            err.println("usage: AssistantMain --scripted|MODEL FOLDER QUESTION");
            return 2;
        }
        if (!Files.isDirectory(Path.of(arguments[1]))) {
            err.println("no such folder: " + arguments[1]);
            return 2;
        }
        try (ExampleModel model = ExampleModel.open(arguments[0], AssistantMain::script)) {
            ToolExecutor executor = ToolExecutor.builder(AssistantTools.of(Path.of(arguments[1]), clock))
                    .build();
            ReActResult result = ReActAgent.builder(model.chat(), executor)
                    .maxTokens(MAX_TOKENS)
                    .listener(step -> print(step, out))
                    .build()
                    .run(arguments[2]);
            out.println(result.answer().orElse("no answer: " + result.outcome()));
            return result.answer().isPresent() ? 0 : 1;
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            return 2;
        }
    }

    private static void print(ReActStep step, PrintStream out) {
        if (!step.turn().thought().isEmpty()) {
            out.println("thinks: " + step.turn().thought());
        }
        step.observations()
                .forEach(result -> out.println(
                        "calls: " + result.call().name() + result.call().arguments() + "\nreads: " + result.content()));
    }

    private static ChatModel script() {
        return ScriptedModel.saying(
                "Thought: I need the result first.\nAction: calculator\nAction Input: {\"expression\": \"80 * 12.5 / 100\"}",
                "Thought: Now the date, and what the notes say.\nAction: clock()\nAction: search(\"todo\")",
                "Thought: I know all.\nFinal Answer: 12.5% of 80 is 10; the notes and the date are above.");
    }
}
