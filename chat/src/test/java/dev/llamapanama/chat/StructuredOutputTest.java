package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.llamapanama.chat.schema.InvalidOutputException;
import dev.llamapanama.chat.schema.JsonSchema;
import dev.llamapanama.chat.schema.RegularExpression;
import dev.llamapanama.chat.schema.TruncatedOutputException;
import dev.llamapanama.chat.schema.UnsupportedSchemaException;
import dev.llamapanama.chat.testing.ScriptedModel;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Grammar;
import java.util.List;
import org.junit.jupiter.api.Test;

class StructuredOutputTest {
    record City(String name, int inhabitants) {}

    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("the biggest city?"));

    @Test
    void aRecordIsAskedForAndReturned() throws Exception {
        ScriptedModel model = ScriptedModel.saying("{\"name\":\"Tokyo\", \"inhabitants\": 14}");

        City city = StructuredOutput.generate(model, "the biggest city?", City.class, ChatOptions.defaults());

        assertThat(city).isEqualTo(new City("Tokyo", 14));
        ScriptedModel.Request request = model.requests().getFirst();
        assertThat(request.options().responseSchema())
                .contains(JsonSchema.of(City.class).text());
        assertThat(request.messages().getFirst().content())
                .contains(JsonSchema.of(City.class).text());
        assertThat(request.lastText()).isEqualTo("the biggest city?");
    }

    @Test
    void messagesAreSentAsTheyAreAndToolsAreNot() throws Exception {
        ScriptedModel model = ScriptedModel.saying("{\"name\":\"Tokyo\", \"inhabitants\": 14}");
        ChatOptions options = ChatOptions.builder()
                .tools(List.of(new ToolDefinition("t", "", "{}")))
                .build();

        StructuredOutput.generate(model, QUESTION, City.class, options);

        assertThat(model.requests().getFirst().messages()).isEqualTo(QUESTION);
        assertThat(model.requests().getFirst().options().tools()).isEmpty();
    }

    @Test
    void aTruncatedAnswerIsAnExceptionWithWhatIsThere() {
        ScriptedModel model = ScriptedModel.saying("{\"name\": \"Tokyo\", \"inhabitants\": 14}");
        ChatOptions options = ChatOptions.builder()
                .generation(GenerationOptions.builder().maxTokens(2).build())
                .build();

        TruncatedOutputException thrown = catchThrowableOfType(
                TruncatedOutputException.class, () -> StructuredOutput.generate(model, QUESTION, City.class, options));

        assertThat(thrown.partialText()).isEqualTo("{\"name\": \"Tokyo\",");
        assertThat(thrown.finishReason()).isEqualTo(FinishReason.MAX_TOKENS);
        assertThat(thrown).hasMessageContaining("raise maxTokens").hasMessageNotContaining("Tokyo");
    }

    @Test
    void anInvalidAnswerIsAnExceptionWithoutItsTextInTheMessage() {
        InvalidOutputException thrown = catchThrowableOfType(
                InvalidOutputException.class,
                () -> StructuredOutput.generate(
                        ScriptedModel.saying("I think it is Tokyo"), QUESTION, City.class, ChatOptions.defaults()));

        assertThat(thrown.text()).isEqualTo("I think it is Tokyo");
        assertThat(thrown).hasMessageNotContaining("Tokyo");
    }

    @Test
    void theModelIsNotAskedForWhatCannotBeEnforced() {
        ScriptedModel model = ScriptedModel.saying("1");

        assertThatExceptionOfType(UnsupportedSchemaException.class)
                .isThrownBy(() -> StructuredOutput.json(
                        model, QUESTION, "{\"type\":\"number\",\"multipleOf\":3}", ChatOptions.defaults()))
                .satisfies(thrown -> assertThat(thrown.keyword()).isEqualTo("multipleOf"));
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void aSchemaFromElsewhere() throws Exception {
        String schema = "{\"type\":\"integer\",\"minimum\":1,\"maximum\":6}";

        assertThat(StructuredOutput.json(ScriptedModel.saying("6"), QUESTION, schema, ChatOptions.defaults()))
                .isEqualTo("6");
        assertThatExceptionOfType(InvalidOutputException.class)
                .isThrownBy(() ->
                        StructuredOutput.json(ScriptedModel.saying("7"), QUESTION, schema, ChatOptions.defaults()));
    }

    @Test
    void aRegularExpression() throws Exception {
        RegularExpression expression = new RegularExpression("^(yes|no)$");
        ScriptedModel model = ScriptedModel.saying("yes", "maybe");

        assertThat(StructuredOutput.matching(model, QUESTION, expression, ChatOptions.defaults()))
                .isEqualTo("yes");
        assertThat(model.requests().getFirst().options().generation().grammar()).contains(expression.grammar());
        assertThatExceptionOfType(InvalidOutputException.class)
                .isThrownBy(() -> StructuredOutput.matching(model, QUESTION, expression, ChatOptions.defaults()));
    }

    @Test
    void aGrammar() throws Exception {
        Grammar grammar = Grammar.lazy("root ::= \"<a>\" [a-z]*", List.of("<a>"), List.of());
        ScriptedModel model = ScriptedModel.saying("well <a>b");

        assertThat(StructuredOutput.following(model, QUESTION, grammar, ChatOptions.defaults()))
                .isEqualTo("well <a>b");
        assertThat(model.requests().getFirst().options().generation().grammar()).contains(grammar);
    }
}
