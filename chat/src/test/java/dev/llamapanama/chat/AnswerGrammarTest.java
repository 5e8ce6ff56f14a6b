package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.ChatTemplate;
import dev.llamapanama.engine.Model;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is changed in llama.cpp's grammars is there to be changed: another version of it may write them otherwise. */
@ExtendWith(NoLeaks.class)
class AnswerGrammarTest {
    private static final ToolDefinition TOOL = new ToolDefinition("f", "", """
            {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}""");

    @Test
    void aRequiredCallComesFirstAndNumbersAreSmall() {
        ChatOptions options = ChatOptions.builder().tools(List.of(TOOL)).build();
        String request = new TemplateRequest(text -> text)
                .of(List.of(ChatMessage.user("Q")), options, options.tools(), "required");
        int preambles = 0;
        int numbers = 0;
        try (Model model = Models.tiny()) {
            for (var file : Templates.all()) {
                RenderedChat chat;
                try (ChatTemplate template = ChatTemplate.of(Templates.source(file), Templates.BOS, Templates.EOS)) {
                    chat = RenderedChat.of(template.render(request));
                }
                if (chat.grammar().isEmpty()) {
                    continue;
                }
                String own = new AnswerGrammar(chat, true, model.vocabulary())
                        .after(new int[0])
                        .orElseThrow()
                        .gbnf();
                assertThat(beforeCalls(own)).as(Templates.name(file)).doesNotContainPattern("until-\\d+\\?");
                assertThat(own).as(Templates.name(file)).doesNotContain("[eE] [-+]? integral-part");
                preambles += beforeCalls(chat.grammar()).matches(".*until-\\d+\\?.*") ? 1 : 0;
                numbers += chat.grammar().contains("[eE] [-+]? integral-part") ? 1 : 0;
            }
        }
        assertThat(preambles).isPositive();
        assertThat(numbers).isPositive();
    }

    /** Some let a model go on after its calls. */
    private static String beforeCalls(String grammar) {
        return grammar.lines()
                .filter(line -> line.startsWith("root ::="))
                .findFirst()
                .orElseThrow()
                .replaceFirst("tool-call.*", "");
    }
}
