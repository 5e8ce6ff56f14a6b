package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.chat.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocsTest {
    @ParameterizedTest
    @CsvSource({"ToolsExample.java, docs/tools.md", "AgentsExample.java, docs/agents.md"})
    void theExampleIsTheOneThatIsCompiled(String file, String doc) throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/llamapanama/chat", file));
        String begin = "// " + doc + " begins\n";
        String example =
                source.substring(source.indexOf(begin) + begin.length(), source.indexOf("// " + doc + " ends"));
        assertThat(Files.readString(Path.of("..", doc))).contains(example);
    }

    @Test
    void theExampleOfToolsRuns() throws Exception {
        ScriptedModel model = new ScriptedModel()
                .thenCall(
                        new ToolCall("1", "temperature", "{\"city\":\"Oslo\"}"),
                        new ToolCall("2", "temperature", "{\"city\":\"Lisbon\",\"unit\":\"FAHRENHEIT\"}"),
                        new ToolCall("3", "temperature", "{\"city\":\"Atlantis\"}"))
                .then(request -> {
                    assertThat(request.messages())
                            .extracting(ChatMessage::content)
                            .contains("-4", "62")
                            .anyMatch(content -> content.startsWith("Error: no weather of this city; known are ["));
                    return ChatMessage.assistant("Lisbon");
                })
                .thenSay("{\"city\": \"Lisbon\", \"packingList\": [\"hat\", \"book\"]}");

        assertThat(ToolsExample.advise(model)).isEqualTo("Lisbon with hat, book");
    }

    @Test
    void theExampleOfAgentsRuns() throws Exception {
        ScriptedModel model = ScriptedModel.saying(
                "Thought: count\nAction: length\nAction Input: {\"word\": \"llama\"}", "Final Answer: 5");

        assertThat(AgentsExample.ask(model, "How long is llama?")).isEqualTo("5");
        assertThat(model.requests().get(1).lastText()).isEqualTo("Observation: 5");
    }
}
