package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.ChatParser;
import dev.llamapanama.engine.ChatTemplate;
import dev.llamapanama.engine.ChatTemplateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tool calls in each family's syntax are read back, whole and cut behind each character, which is what a stream of bytes is once its
 * characters are whole. The text is what the family's own template makes of an
 * assistant's message, since that is what the model was trained to write.
 */
@ExtendWith(NoLeaks.class)
class ToolCallSyntaxTest {
    private static final ToolDefinition WEATHER = new ToolDefinition("get_weather", "Weather now", """
            {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}""");
    private static final ToolDefinition CLOCK = new ToolDefinition("clock", "The time", """
            {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}""");
    private static final ChatOptions OPTIONS = ChatOptions.builder()
            .tools(List.of(WEATHER, CLOCK))
            .parallelToolCalls(true)
            .build();
    private static final ChatMessage USER = ChatMessage.user("How is it in Oslo?");
    private static final ToolCall ONE = new ToolCall("call00001", "get_weather", "{\"city\":\"Oslo – 市\",\"days\":2}");
    private static final ToolCall TWO = new ToolCall("call00002", "clock", "{\"zone\":\"a \\\"b\\\" {c}\"}");

    private static final String WORDS = "I will look.";
    private static final String THOUGHT = "Where is Oslo?";

    /** What llama.cpp cannot read, by template or by scene and template, and why. */
    private static final Map<String, String> FAILS = fails();

    private static Map<String, String> fails() {
        Map<String, String> fails = new HashMap<>();
        String leavesOut = "the template leaves out the calls of an assistant's message";
        for (String name : List.of(
                "HuggingFaceTB-SmolLM3-3B",
                "LFM2-8B-A1B", // see otherSyntax
                "LFM2.5-Instruct", // see otherSyntax
                "google-gemma-2-2b-it",
                "ibm-granite-granite-3.3-2B-Instruct",
                "llama-cpp-rwkv-world",
                "microsoft-Phi-3.5-mini-instruct")) {
            fails.put(name, leavesOut);
        }
        fails.put(
                "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
                "the template ends the turn before the calls, so that llama.cpp finds no format of theirs in it");
        fails.put("CohereForAI-c4ai-command-r-plus-tool_use", "llama.cpp finds no format of calls in the template");
        fails.put("Mistral-Small-3.2-24B-Instruct-2506", "llama.cpp's parser wants [ARGS] twice");
        String before = "the template ends the turn between words and calls";
        fails.put("afterWords NVIDIA-Nemotron-Nano-v2", before);
        fails.put("afterWords llama-cpp-deepseek-r1", "the template leaves out calls after words");
        fails.put("afterWords meetkai-functionary-medium-v3.2", "llama.cpp takes calls after words for words");
        fails.put(
                "afterWords google-gemma-4-31B-it",
                "the template puts words behind the calls, where llama.cpp drops them");
        fails.put("afterThoughts Apriel-1.6-15b-Thinker-fixed", "the template's beginning of reasoning stays in it");
        fails.put("afterThoughts tencent-Hy3", "the template has the end of reasoning only, the model both");
        String one = "the template writes the first call only";
        fails.put("twoCalls GigaChat3-10B-A1.8B", one);
        fails.put("twoCalls GigaChat3.1-10B-A1.8B", one);
        fails.put("twoCalls openai-gpt-oss-120b", one);
        String refuses = "the template refuses two calls";
        fails.put("twoCalls meta-llama-Llama-3.1-8B-Instruct", refuses);
        fails.put("twoCalls meta-llama-Llama-3.2-3B-Instruct", refuses);
        fails.put("twoCalls meta-llama-Llama-3.3-70B-Instruct", refuses);
        String several = "llama.cpp's parser does not take several calls in one section";
        fails.put("twoCalls MiniMax-M1", several);
        fails.put("twoCalls MiniMax-M2", several);
        fails.put(
                "twoCalls meetkai-functionary-medium-v3.2", "llama.cpp takes the second call for a part of the first");
        fails.put("twoCalls upstage-Solar-Open-100B", "llama.cpp's parser knows one id only, call00001");
        return fails;
    }

    /** Texts of tokens that end a generation, in any family. */
    private static final Pattern TURN_END = Pattern.compile(Stream.of(
                    "<|im_end|>",
                    "<|END_OF_TURN_TOKEN|>",
                    "<SPECIAL_12>",
                    "<｜end▁of▁sentence｜>",
                    "<|eom_id|>",
                    "<|eot_id|>",
                    "<|calls|>",
                    "<|call|>",
                    "<|end_of_text|>",
                    "<|endoftext|>",
                    "<|end|>\n",
                    "<turn|>",
                    "<seed:eos>",
                    "<end_of_sentence>",
                    "</assistant>",
                    "\n\n<sep>",
                    "<｜hy_eos:opensource｜>",
                    "<end_of_turn>",
                    "[e~[",
                    "[EOS]",
                    Templates.EOS)
            .map(Pattern::quote)
            .collect(Collectors.joining("|", "", "|<\\|message_sep\\|>\n\n$"))); // GigaChat's calls begin with it, too

    @TestFactory
    Stream<DynamicTest> oneCall() {
        return each("oneCall", message("", "", ONE));
    }

    @TestFactory
    Stream<DynamicTest> twoCalls() {
        return each("twoCalls", message("", "", ONE, TWO));
    }

    @TestFactory
    Stream<DynamicTest> afterWords() {
        return each("afterWords", message(WORDS, "", ONE));
    }

    @TestFactory
    Stream<DynamicTest> afterThoughts() {
        return each("afterThoughts", message("", THOUGHT, ONE));
    }

    /** What models write whose templates do not. */
    @TestFactory
    Stream<DynamicTest> otherSyntax() {
        String lfm2 = "<|tool_call_start|>[get_weather(city=\"Oslo – 市\", days=2)]<|tool_call_end|>";
        Map<String, String> texts = Map.of("LFM2-8B-A1B", lfm2, "LFM2.5-Instruct", lfm2);
        return Templates.all().stream()
                .filter(file -> texts.containsKey(Templates.name(file)))
                .map(file -> DynamicTest.dynamicTest(Templates.name(file), () -> {
                    try (ChatTemplate template =
                            ChatTemplate.of(Templates.source(file), Templates.BOS, Templates.EOS)) {
                        RenderedChat chat = RenderedChat.of(template.render(request(List.of(USER), true)));
                        check(chat, texts.get(Templates.name(file)), message("", "", ONE));
                    }
                }));
    }

    private static ChatMessage message(String content, String reasoning, ToolCall... calls) {
        return new ChatMessage(ChatRole.ASSISTANT, content, reasoning, List.of(calls), "", "");
    }

    private static Stream<DynamicTest> each(String scene, ChatMessage answer) {
        return Templates.all().stream().map(file -> {
            String name = Templates.name(file);
            boolean fails = FAILS.containsKey(name) || FAILS.containsKey(scene + " " + name);
            return DynamicTest.dynamicTest(name, () -> {
                if (fails) {
                    assertThatThrownBy(() -> check(file, answer))
                            .as("%s can be read now; take it off the list", name)
                            .isInstanceOfAny(AssertionError.class, ChatTemplateException.class);
                } else {
                    check(file, answer);
                }
            });
        });
    }

    private static void check(Path file, ChatMessage answer) {
        try (ChatTemplate template = ChatTemplate.of(Templates.source(file), Templates.BOS, Templates.EOS)) {
            RenderedChat chat = RenderedChat.of(template.render(request(List.of(USER), true)));
            String text = written(template, chat, answer);
            check(chat, text, answer);
        }
    }

    private static void check(RenderedChat chat, String text, ChatMessage answer) {
        try (ChatParser parser = ChatParser.of(chat.json())) {
            List<ChatDelta> deltas = new ArrayList<>();
            AnswerReader reader = new AnswerReader(parser, false, deltas::add, () -> 0); // reads each time
            text.codePoints().forEach(c -> reader.accept(Character.toString(c)));
            ChatMessage read = reader.finish(true);
            assertSame(read, answer);
            if (text.contains(WORDS)) { // some templates leave them out where there are calls
                assertThat(read.content() + read.reasoning()).contains(WORDS);
            }
            assertThat(read.content().strip()).isIn("", WORDS);
            if (!answer.reasoning().isEmpty() && text.contains(THOUGHT)) {
                assertThat(read.reasoning().strip()).isEqualTo(THOUGHT);
            }
            assertThat(joined(deltas)).isEqualTo(read);
            int before = 0; // characters of calls
            for (int cut = 0; cut <= text.length(); cut++) {
                if (cut == text.length() || !Character.isLowSurrogate(text.charAt(cut))) {
                    int now = assertBegins(read, parser.parse(text.substring(0, cut), true));
                    assertThat(now).isGreaterThanOrEqualTo(before);
                    before = now;
                }
            }
            assertThat(before).isEqualTo(characters(read.toolCalls()));
        }
    }

    private static int characters(List<ToolCall> calls) {
        return calls.stream()
                .mapToInt(call -> call.name().length() + call.arguments().length())
                .sum();
    }

    /**
     * The beginning of an answer has the first of its calls, and the last one of these as far as it goes.
     *
     * @return characters of these
     */
    private static int assertBegins(ChatMessage whole, String beginning) {
        List<JsonNode> calls = TemplateRequest.JSON
                .readTree(beginning)
                .get("tool_calls")
                .valueStream()
                .toList();
        assertThat(calls).hasSizeLessThanOrEqualTo(whole.toolCalls().size());
        int characters = 0;
        for (int i = 0; i < calls.size(); i++) {
            ToolCall call = whole.toolCalls().get(i);
            boolean last = i == calls.size() - 1;
            String name = calls.get(i).get("name").stringValue();
            String arguments = calls.get(i).get("arguments").stringValue();
            assertThat(call.name()).startsWith(name);
            assertThat(call.arguments()).startsWith(arguments);
            assertThat(last || name.equals(call.name()) && arguments.equals(call.arguments()))
                    .isTrue();
            characters += name.length() + arguments.length();
        }
        return characters;
    }

    private static void assertSame(ChatMessage read, ChatMessage written) {
        assertThat(read.toolCalls()).hasSameSizeAs(written.toolCalls());
        for (int i = 0; i < read.toolCalls().size(); i++) {
            assertThat(read.toolCalls().get(i).name())
                    .isEqualTo(written.toolCalls().get(i).name());
            assertThat(TemplateRequest.JSON.readTree(read.toolCalls().get(i).arguments()))
                    .isEqualTo(TemplateRequest.JSON.readTree(
                            written.toolCalls().get(i).arguments()));
        }
    }

    /** What was told piece by piece. */
    private static ChatMessage joined(List<ChatDelta> deltas) {
        StringBuilder content = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        for (ChatDelta delta : deltas) {
            switch (delta) {
                case ChatDelta.Content(String more) -> content.append(more);
                case ChatDelta.Reasoning(String more) -> reasoning.append(more);
                case ChatDelta.ToolCallPart(int index, String id, String name, String arguments) -> {
                    if (index == calls.size()) {
                        calls.add(new ToolCall(id, name, arguments));
                    } else {
                        ToolCall begun = calls.get(index);
                        calls.set(index, new ToolCall(id, begun.name() + name, begun.arguments() + arguments));
                    }
                }
            }
        }
        return new ChatMessage(ChatRole.ASSISTANT, content.toString(), reasoning.toString(), calls, "", "");
    }

    /** What the model writes: what its template makes of the answer, without what the prompt ends with and the end of the turn. */
    private static String written(ChatTemplate template, RenderedChat chat, ChatMessage answer) {
        String before = prompt(template, List.of(USER));
        String after = prompt(template, List.of(USER, answer));
        int same = common(before, after);
        String begun = before.substring(same) + chat.generationPrompt();
        String text = after.substring(same);
        int given = common(text, begun);
        text = text.substring(given);
        if (given < begun.length() && chat.isThinking("")) {
            String end = chat.thinkingEnds().getFirst().strip();
            String blank = end.equals("</think>") ? "\n\n" : "";
            text = text.stripLeading().startsWith(end) || text.contains(THOUGHT)
                    ? text
                    : end + blank + text.stripLeading();
        }
        Matcher turnEnd = TURN_END.matcher(text);
        if (turnEnd.find()) {
            text = text.substring(0, turnEnd.start());
        }
        return text.replaceAll("^\n+|\n+$", "");
    }

    /** Length of the common beginning; no tag is cut. */
    private static int common(String a, String b) {
        int i = 0;
        while (i < Math.min(a.length(), b.length()) && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        int tag = a.lastIndexOf('<', i - 1);
        return tag >= 0 && a.substring(tag, i).indexOf('>') < 0 ? tag : i;
    }

    private static String prompt(ChatTemplate template, List<ChatMessage> messages) {
        return RenderedChat.of(template.render(request(messages, false))).prompt();
    }

    private static String request(List<ChatMessage> messages, boolean generationPrompt) {
        JsonNode request = TemplateRequest.JSON.readTree(
                new TemplateRequest(text -> text).of(messages, OPTIONS, OPTIONS.tools(), "auto"));
        ((ObjectNode) request).put("add_generation_prompt", generationPrompt);
        ((ObjectNode) request).remove("continue_final_message");
        return TemplateRequest.JSON.writeValueAsString(request);
    }
}
