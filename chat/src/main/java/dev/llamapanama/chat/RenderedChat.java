package dev.llamapanama.chat;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What {@link dev.llamapanama.engine.ChatTemplate#render} returned ({@code common_chat_params}).
 *
 * @param json all of it, for the parser
 * @param grammar GBNF; empty for none
 * @param lazy whether the grammar waits for a trigger
 * @param generationPrompt the end of the prompt that belongs to the answer
 * @param thinkingStart what reasoning begins with; empty if the model does not reason
 * @param thinkingEnds what reasoning may end with
 * @param preserved special tokens that the parser must see
 */
record RenderedChat(
        String json,
        String prompt,
        String grammar,
        boolean lazy,
        List<Trigger> triggers,
        String generationPrompt,
        String thinkingStart,
        List<String> thinkingEnds,
        List<String> preserved,
        List<String> stops) {
    /** @param type word, pattern or pattern_full */
    record Trigger(String type, String value) {}

    static RenderedChat of(String json) {
        JsonNode node = TemplateRequest.JSON.readTree(json);
        return new RenderedChat(
                json,
                node.get("prompt").stringValue(),
                node.get("grammar").stringValue(),
                node.get("grammar_lazy").booleanValue(),
                elements(node.get("grammar_triggers"))
                        .map(it -> new Trigger(
                                it.get("type").stringValue(), it.get("value").stringValue()))
                        .toList(),
                node.get("generation_prompt").stringValue(),
                node.get("thinking_start_tag").stringValue(),
                strings(node.get("thinking_end_tags")),
                strings(node.get("preserved_tokens")),
                strings(node.get("additional_stops")));
    }

    /** Whether an answer that begins like this is in the middle of reasoning. */
    boolean isThinking(String answer) {
        String all = generationPrompt + answer;
        int start = thinkingStart.isEmpty() ? -1 : all.lastIndexOf(thinkingStart);
        return start >= 0
                && thinkingEnds.stream().noneMatch(end -> all.indexOf(end, start + thinkingStart.length()) >= 0);
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return array.valueStream();
    }

    private static List<String> strings(JsonNode array) {
        return elements(array).map(JsonNode::stringValue).toList();
    }
}
