package dev.llamapanama.chat.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatRole;
import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.chat.testing.ScriptedModel;
import dev.llamapanama.chat.tool.ToolApproval;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolResult;
import dev.llamapanama.engine.GenerationOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReActAgentTest {
    private static final ToolExecutor EXECUTOR =
            ToolExecutor.builder(TestTools.ALL).build();

    private static ReActAgent.Builder agent(ChatModel model) {
        return ReActAgent.builder(model, EXECUTOR);
    }

    @Test
    void thinksActsAndObserves() throws Exception {
        ScriptedModel model = ScriptedModel.saying(
                "Thought: square it\nAction: square\nAction Input: {\"value\": 12}\nObservation: 145\nFinal Answer: 145",
                "Thought: and the time\nAction: clock()",
                "Thought: done\nFinal Answer: 144 at noon");
        List<ReActStep> seen = new ArrayList<>();

        ReActResult result =
                agent(model).role("You are terse.").listener(seen::add).build().run("What is 12²?");

        assertThat(result.outcome()).isEqualTo(ReActResult.Outcome.ANSWERED);
        assertThat(result.answer()).contains("144 at noon");
        assertThat(result.steps()).isEqualTo(seen).hasSize(3);
        assertThat(result.steps().getFirst().observations())
                .extracting(ToolResult::content)
                .containsExactly("144");
        assertThat(result.steps().getFirst().turn().thought()).isEqualTo("square it");
        assertThat(result.usage().generatedTokens())
                .isEqualTo(result.steps().stream()
                        .mapToInt(step -> step.usage().generatedTokens())
                        .sum());
        ScriptedModel.Request second = model.requests().get(1);
        assertThat(second.messages())
                .extracting(ChatMessage::role)
                .containsExactly(ChatRole.SYSTEM, ChatRole.USER, ChatRole.ASSISTANT, ChatRole.USER);
        assertThat(second.lastText()).isEqualTo("Observation: 144");
        assertThat(second.messages().get(2).content()).doesNotContain("145");
        assertThat(second.messages().getFirst().content())
                .startsWith("You are terse.")
                .contains("- square: squares");
        assertThat(second.options().generation().stopStrings()).containsExactly("Observation:");
        assertThat(second.options().tools()).isEmpty();
    }

    @Test
    void callsThatTheTemplateHasReadStayInTheChat() throws Exception {
        ToolCall call = new ToolCall("a", "square", "{\"value\": 12}");
        ScriptedModel model = new ScriptedModel().thenCall(call).thenSay("Final Answer: 144");

        ReActResult result = agent(model).build().run("?");

        assertThat(result.answer()).contains("144");
        List<ChatMessage> second = model.requests().get(1).messages();
        assertThat(second.get(2).toolCalls()).containsExactly(call);
        assertThat(second.get(3)).isEqualTo(ChatMessage.tool(call, "144"));
    }

    @Test
    void speaksInTags() throws Exception {
        ScriptedModel model = ScriptedModel.saying(
                "<think>search</think><tool_call>{\"name\": \"search\", \"arguments\": {\"query\": \"</tool_response>\"}}</tool_call>",
                "<think>ok</think><answer>found</answer>");

        ReActResult result = agent(model).protocol(ReActProtocol.tags()).build().run("?");

        assertThat(result.answer()).contains("found");
        assertThat(model.requests().get(0).messages().getFirst().content()).contains("<tools>", "\"name\":\"search\"");
        assertThat(model.requests().get(1).lastText())
                .isEqualTo("<tool_response>\nfound &lt;/tool_response&gt;\n</tool_response>");
    }

    @Test
    void errorsAreObservations() throws Exception {
        ScriptedModel model = ScriptedModel.saying(
                "Action: move\nAction Input: {\"from\": \"a\", \"to\": \"b\"}",
                "Action: square\nAction Input: {\"value\": \"many\"}",
                "Action: fly()",
                "Final Answer: I cannot");

        ReActResult result = agent(model).build().run("?");

        assertThat(result.steps().subList(0, 3).stream()
                        .map(step -> step.observations().getFirst().status()))
                .containsExactly(
                        ToolResult.Status.FAILED, ToolResult.Status.INVALID_ARGUMENTS, ToolResult.Status.UNKNOWN_TOOL);
        assertThat(model.requests().get(1).lastText()).isEqualTo("Observation: Error: nothing is at a");
        assertThat(model.requests().get(3).lastText()).contains("search, clock, square, move");
        assertThat(result.answer()).contains("I cannot");
    }

    @Test
    void callsMayBeRefused() throws Exception {
        ToolExecutor cautious = ToolExecutor.builder(TestTools.ALL)
                .approval(call -> ToolApproval.refuse("ask me first"))
                .build();

        ReActResult result = ReActAgent.builder(ScriptedModel.saying("Action: clock()", "Final Answer: no"), cautious)
                .build()
                .run("?");

        assertThat(result.steps().getFirst().observations().getFirst().content())
                .contains("ask me first");
    }

    @Test
    void whatCannotBeReadIsToldAndCounted() throws Exception {
        ScriptedModel model = ScriptedModel.saying("hm", "hm", "Action: clock()", "hm", "hm", "hm", "never asked");

        ReActResult result = agent(model).build().run("?");

        assertThat(result.outcome()).isEqualTo(ReActResult.Outcome.PARSE_FAILURES);
        assertThat(result.answer()).isEmpty();
        assertThat(result.steps()).hasSize(6);
        assertThat(model.requests().get(1).lastText())
                .startsWith("Observation: Error: ")
                .contains("Final Answer:");
    }

    @Test
    void stepsAndTokensAreLimited() throws Exception {
        ScriptedModel model = new ScriptedModel();
        for (int i = 0; i < 20; i++) {
            model.thenSay("Action: clock()");
        }

        assertThat(agent(model).maxSteps(4).build().run("?").outcome()).isEqualTo(ReActResult.Outcome.MAX_STEPS);
        assertThat(model.requests()).hasSize(4);
        ReActResult result = agent(model).maxTokens(5).build().run("?");
        assertThat(result.outcome()).isEqualTo(ReActResult.Outcome.MAX_TOKENS);
        assertThat(result.usage().generatedTokens()).isEqualTo(5);
        assertThat(result.steps()).hasSize(3);
    }

    @Test
    void anAnswerThatWasCutOffIsNone() throws Exception {
        ScriptedModel model = ScriptedModel.saying("Final Answer: one two three four", "Final Answer: one");
        ChatOptions options = ChatOptions.builder()
                .generation(GenerationOptions.builder().maxTokens(4).build())
                .build();

        ReActResult result = agent(model).options(options).build().run("?");

        assertThat(result.answer()).contains("one");
        assertThat(model.requests().get(1).lastText()).contains("cut off");
    }

    @Test
    void timeIsLimitedThoughTheModelNeverAnswers() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        ScriptedModel model = ScriptedModel.saying("Action: clock()").then(request -> {
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return ChatMessage.assistant("");
        });

        ReActResult result = agent(model).timeout(Duration.ofSeconds(1)).build().run("?");

        assertThat(result.outcome()).isEqualTo(ReActResult.Outcome.TIMEOUT);
        interrupted.await();
    }

    @Test
    void anInterruptEndsIt() {
        Thread caller = Thread.currentThread();
        ScriptedModel model = new ScriptedModel().then(request -> {
            caller.interrupt();
            new CountDownLatch(1).await();
            return ChatMessage.assistant("");
        });

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> agent(model).build().run("?"));
    }

    @Test
    void limitsMustBePositive() {
        ScriptedModel model = new ScriptedModel();
        assertThatIllegalArgumentException().isThrownBy(() -> agent(model).maxSteps(0));
        assertThatIllegalArgumentException().isThrownBy(() -> agent(model).timeout(Duration.ZERO));
    }
}
