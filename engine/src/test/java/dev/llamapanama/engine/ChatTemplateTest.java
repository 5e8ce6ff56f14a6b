package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ChatTemplateTest {
    private static final String HELLO = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}";

    @Test
    void rendersAndParses() {
        try (ChatTemplate template = ChatTemplate.of("chatml", "<s>", "</s>")) {
            assertThat(template.describe()).contains("\"caps\"").contains("\"explicit\":true");
            String rendered = template.render(HELLO);
            assertThat(rendered).contains("<|im_start|>user\\nHello<|im_end|>\\n<|im_start|>assistant\\n");
            try (ChatParser parser = ChatParser.of(rendered)) {
                assertThat(parser.parse("Hi \uD83D\uDE00\u0000", false)).contains("Hi \uD83D\uDE00\\u0000");
                assertThat(parser.parse("", true)).contains("\"content\":\"\"");
            }
        }
    }

    @Test
    void takesTheModelsTemplate() {
        try (Model model = Model.load(Models.llama())) {
            try (ChatTemplate template = ChatTemplate.of(model)) {
                assertThat(template.render(HELLO)).contains("<|im_start|>user\\nHello<|im_end|>");
                assertThatThrownBy(model::close).isInstanceOf(IllegalStateException.class);
            }
            try (ChatTemplate other = ChatTemplate.of(model, "{{ messages[0].content }}{{ eos_token }}!")) {
                assertThat(other.render(HELLO)).contains("\"prompt\":\"Hello<|endoftext|>!\"");
            }
        }
    }

    @Test
    void refusesBrokenTemplates() {
        for (String broken : List.of(
                "",
                "{% if %}",
                "{% for x in y %}",
                "{{ 1 +",
                "{{ \uD800 }}",
                "{% endif %}",
                "{{ '" + "x".repeat(1 << 16) + "' }}",
                "{{ " + "(".repeat(60_000))) {
            assertThatThrownBy(() -> ChatTemplate.of(broken, "", ""))
                    .as(broken.substring(0, Math.min(20, broken.length())))
                    .isInstanceOf(ChatTemplateException.class)
                    .hasMessageMatching("(?s).{20,}");
        }
    }

    @Test
    void refusesTemplatesThatNeverEnd() {
        String recursive = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}";
        String nested = "{% for a in range(100000) %}{% for b in range(100000) %}{% for c in range(100000) %}"
                + "{% endfor %}{% endfor %}{% endfor %}";
        for (String endless : List.of(recursive, nested)) {
            assertThatThrownBy(() -> {
                        try (ChatTemplate template = ChatTemplate.of(endless, "", "")) {
                            template.render(HELLO);
                        }
                    })
                    .as(endless.substring(0, 20))
                    .isInstanceOf(ChatTemplateException.class);
        }
    }

    @Test
    void takesDeepTemplates() {
        for (String deep : List.of(
                "{{ " + "not ".repeat(15_000) + "true }}",
                "{{ " + "(".repeat(30_000) + "1" + ")".repeat(30_000) + " }}")) {
            try (ChatTemplate template = ChatTemplate.of(deep, "", "")) {
                assertThat(template.render(HELLO)).contains("prompt");
            }
        }
    }

    @Test
    void refusesBrokenRequests() {
        try (ChatTemplate template = ChatTemplate.of("chatml", "", "")) {
            for (String broken : List.of(
                    "",
                    "{",
                    "[]",
                    "{}",
                    "null",
                    "{\"messages\": 1}",
                    "{\"messages\": [{}]}",
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"\\ud800\"}]}",
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"\uD800\"}]}",
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"\u0000\"}]}",
                    "{\"messages\": [{\"role\": 1, \"content\": \"x\"}]}",
                    "[".repeat(1_000_000),
                    "{\"a\":".repeat(1_000_000),
                    HELLO.replace("}]}", "}], \"tools\": [{\"type\": \"function\"}]}"),
                    HELLO.replace("}]}", "}], \"tool_choice\": \"perhaps\"}"),
                    HELLO.replace("}]}", "}], \"json_schema\": {\"type\": \"nothing\"}}"),
                    HELLO.replace(
                            "}]}",
                            "}, {\"role\": \"assistant\", \"tool_calls\": [{\"type\": \"function\","
                                    + " \"function\": {\"name\": \"f\", \"arguments\": \"{\"}}]}]}"))) {
                assertThatThrownBy(() -> template.render(broken))
                        .as(broken.substring(0, Math.min(90, broken.length())))
                        .isInstanceOf(ChatTemplateException.class);
            }
            assertThat(template.render(HELLO)).contains("Hello");
        }
    }

    @Test
    void refusesWhatWasNotRendered() {
        for (String broken : List.of(
                "",
                "{}",
                "{\"format\": 99, \"generation_prompt\": \"\", \"parser\": \"\"}",
                "{\"format\": 1, \"generation_prompt\": \"\", \"parser\": \"x\"}")) {
            assertThatThrownBy(() -> ChatParser.of(broken)).isInstanceOf(ChatTemplateException.class);
        }
    }

    @Test
    void readsDeeplyNestedAnswersOrRefusesThem() {
        String request = HELLO.replace("}]}", "}], \"json_schema\": {\"type\": \"object\"}}");
        try (ChatTemplate template = ChatTemplate.of("chatml", "", "");
                ChatParser parser = ChatParser.of(template.render(request))) {
            for (int depth : new int[] {10, 1_000, 100_000}) {
                try {
                    assertThat(parser.parse("{\"a\":".repeat(depth), true)).startsWith("{");
                } catch (ChatTemplateException e) {
                    assertThat(depth).isGreaterThan(10);
                }
            }
        }
    }

    @Test
    void makesGrammarsOfSchemas() {
        String gbnf = JsonSchemaGrammar.of("{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\"}}}");
        assertThat(Grammar.of(gbnf).root()).isEqualTo("root");
        for (String broken : List.of(
                "",
                "{",
                "\uDC00",
                "{\"$ref\": \"#/nowhere\"}",
                "{\"items\":".repeat(200) + "{}" + "}".repeat(200),
                "{\"type\": \"string\", \"pattern\": \"^($\"}")) {
            assertThatThrownBy(() -> JsonSchemaGrammar.of(broken))
                    .as(broken.substring(0, Math.min(40, broken.length())))
                    .isInstanceOf(ChatTemplateException.class);
        }
        String deep = "{\"type\":\"array\",\"items\":".repeat(120) + "{}" + "}".repeat(120);
        assertThat(JsonSchemaGrammar.of(deep)).contains("root ::=");
    }

    @Test
    void aClosedOneSaysSo() {
        ChatTemplate template = ChatTemplate.of("chatml", "", "");
        ChatParser parser = ChatParser.of(template.render(HELLO));
        template.close();
        template.close();
        parser.close();
        assertThatThrownBy(() -> template.render(HELLO)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> parser.parse("x", false)).isInstanceOf(IllegalStateException.class);
    }
}
