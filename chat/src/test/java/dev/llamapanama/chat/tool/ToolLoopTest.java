package dev.llamapanama.chat.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatRole;
import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.chat.ToolChoice;
import dev.llamapanama.chat.testing.ScriptedModel;
import dev.llamapanama.engine.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ToolLoopTest {
    record Numbers(int a, int b) {}

    private static final Tools TOOLS = Tools.of(
            Tool.of("add", "adds", Numbers.class, numbers -> numbers.a() + numbers.b()),
            Tool.of("multiply", "multiplies", Numbers.class, numbers -> numbers.a() * numbers.b()));
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("what is it?"));

    private static ToolLoop loop(ScriptedModel model, int maxRounds) {
        return new ToolLoop(model, ToolExecutor.builder(TOOLS).build(), maxRounds);
    }

    private static ToolCall call(String id, String name, int a, int b) {
        return new ToolCall(id, name, "{\"a\":" + a + ",\"b\":" + b + "}");
    }

    @Test
    void threeRoundsOfTwoParallelCalls() throws Exception {
        ScriptedModel model = new ScriptedModel()
                .thenCall(call("1", "add", 1, 2), call("2", "multiply", 3, 4))
                .then(request -> {
                    assertThat(request.messages())
                            .extracting(ChatMessage::role)
                            .containsExactly(ChatRole.USER, ChatRole.ASSISTANT, ChatRole.TOOL, ChatRole.TOOL);
                    assertThat(request.messages().get(2)).isEqualTo(ChatMessage.tool(call("1", "add", 1, 2), "3"));
                    return new ChatMessage(
                            ChatRole.ASSISTANT,
                            "",
                            "",
                            List.of(call("3", "add", 3, 12), call("4", "multiply", 3, 12)),
                            "",
                            "");
                })
                .thenCall(call("5", "add", 15, 36), call("6", "divide", 1, 0))
                .thenSay("51");

        ToolLoopResult result = loop(model, 3).run(QUESTION, ChatOptions.defaults());

        assertThat(result.answer()).isEqualTo("51");
        assertThat(result.rounds()).isEqualTo(3);
        assertThat(result.toolResults())
                .extracting(ToolResult::content)
                .startsWith("3", "12", "15", "36", "51")
                .hasSize(6);
        assertThat(result.toolResults().get(5).status()).isEqualTo(ToolResult.Status.UNKNOWN_TOOL);
        assertThat(result.messages()).hasSize(1 + 3 * 3 + 1).endsWith(ChatMessage.assistant("51"));
    }

    @Test
    void aRequiredCallIsRequiredInTheFirstRoundOnly() throws Exception {
        for (ToolChoice choice : List.of(ToolChoice.required(), ToolChoice.named("add"))) {
            ScriptedModel model =
                    new ScriptedModel().thenCall(call("1", "add", 1, 2)).thenSay("3");

            loop(model, 5)
                    .run(
                            QUESTION,
                            ChatOptions.builder()
                                    .tools(TOOLS.definitions())
                                    .toolChoice(choice)
                                    .build());

            assertThat(model.requests())
                    .extracting(request -> request.options().toolChoice())
                    .containsExactly(choice, ToolChoice.auto());
        }
    }

    @Test
    void theMostRoundsAreAnOutcome() throws Exception {
        ScriptedModel model = new ScriptedModel()
                .thenCall(call("1", "add", 1, 2))
                .thenCall(call("2", "add", 1, 2))
                .thenCall(call("3", "add", 1, 2));

        ToolLoopResult result = loop(model, 2).run(QUESTION, ChatOptions.defaults());

        assertThat(result.outcome()).isEqualTo(ToolLoopResult.Outcome.MAX_ROUNDS);
        assertThat(result.toolResults()).hasSize(2);
        assertThat(result.messages().getLast().role()).isEqualTo(ChatRole.TOOL);
        assertThatExceptionOfType(ToolLoopException.class)
                .isThrownBy(result::answer)
                .withMessageContaining("raise maxRounds")
                .satisfies(thrown -> assertThat(thrown.result()).isEqualTo(result));
        assertThatIllegalArgumentException().isThrownBy(() -> loop(model, 0));
    }

    @Test
    void callsOfATruncatedAnswerAreNotMade() throws Exception {
        ScriptedModel model = new ScriptedModel()
                .then(request -> new ChatMessage(
                        ChatRole.ASSISTANT, "one two three", "", List.of(call("1", "add", 1, 2)), "", ""));
        ChatOptions options = ChatOptions.builder()
                .generation(GenerationOptions.builder().maxTokens(2).build())
                .build();

        ToolLoopResult result = loop(model, 2).run(QUESTION, options);

        assertThat(result.outcome()).isEqualTo(ToolLoopResult.Outcome.TRUNCATED);
        assertThat(result.toolResults()).isEmpty();
        assertThat(result.messages()).isEqualTo(QUESTION);
    }

    @Test
    void nothingIsLogged() throws Exception {
        List<String> logged = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                logged.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            ScriptedModel model = new ScriptedModel()
                    .thenCall(call("1", "add", 4711, 2), new ToolCall("2", "add", "{\"a\":\"s3cret\"}"))
                    .thenSay("4713");
            loop(model, 2).run(QUESTION, ChatOptions.defaults());
        } finally {
            root.removeHandler(handler);
        }
        assertThat(logged).noneMatch(line -> line.contains("4711") || line.contains("s3cret") || line.contains("4713"));
    }
}
