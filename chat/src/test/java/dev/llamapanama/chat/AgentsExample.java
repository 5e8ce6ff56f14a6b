package dev.llamapanama.chat;

import dev.llamapanama.chat.agent.ReActAgent;
import dev.llamapanama.chat.agent.ReActProtocol;
import dev.llamapanama.chat.agent.ReActResult;
import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.Tools;
import java.time.Duration;

// What docs/agents.md shows stands between the two marks, letter by letter; DocsTest compares.
// docs/agents.md begins
public class AgentsExample {
    record Word(String word) {}

    public static String ask(ChatModel model, String question) throws InterruptedException {
        Tool length = Tool.of(
                "length",
                "Counts the letters of a word.",
                Word.class,
                word -> word.word().length());
        ReActResult result = ReActAgent.builder(
                        model, ToolExecutor.builder(Tools.of(length)).build())
                .protocol(ReActProtocol.text()) // tags() for Qwen and Tongyi-DeepResearch
                .maxSteps(8)
                .timeout(Duration.ofMinutes(2))
                .listener(step -> System.out.println(step.turn().thought()))
                .build()
                .run(question);
        return result.answer().orElse("none: " + result.outcome());
    }
}
// docs/agents.md ends
