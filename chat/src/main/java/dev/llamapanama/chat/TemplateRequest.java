package dev.llamapanama.chat;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes what {@link dev.llamapanama.engine.ChatTemplate#render} takes. */
final class TemplateRequest {
    static final JsonMapper JSON = new JsonMapper();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final UnaryOperator<String> text;

    /** @param text what is done to each text that is not the template's own */
    TemplateRequest(UnaryOperator<String> text) {
        this.text = text;
    }

    /**
     * The request.
     *
     * @param tools those that are told
     * @param toolChoice auto, none or required
     * @throws IllegalArgumentException if JSON in it is malformed
     */
    String of(List<ChatMessage> messages, ChatOptions options, List<ToolDefinition> tools, String toolChoice) {
        ObjectNode request = NODES.objectNode();
        ArrayNode all = request.putArray("messages");
        messages.forEach(message -> all.add(message(message)));
        if (!tools.isEmpty()) {
            ArrayNode told = request.putArray("tools");
            tools.forEach(tool -> told.add(tool(tool)));
        }
        request.put("tool_choice", toolChoice);
        request.put("parallel_tool_calls", options.parallelToolCalls());
        // a grammar of the caller's would constrain the reasoning, too
        request.put(
                "enable_thinking",
                options.thinking() && options.generation().grammar().isEmpty());
        options.responseSchema().ifPresent(schema -> request.set("json_schema", tree("the response schema", schema)));
        if (isContinued(messages)) {
            request.put("continue_final_message", true);
            request.put("add_generation_prompt", false);
        }
        return JSON.writeValueAsString(request);
    }

    /** Whether the last message is the beginning of the answer. */
    static boolean isContinued(List<ChatMessage> messages) {
        ChatMessage last = messages.getLast();
        return last.role() == ChatRole.ASSISTANT && last.toolCalls().isEmpty();
    }

    private ObjectNode message(ChatMessage message) {
        ObjectNode node = NODES.objectNode();
        node.put(
                "role",
                switch (message.role()) {
                    case SYSTEM -> "system";
                    case USER -> "user";
                    case ASSISTANT -> "assistant";
                    case TOOL -> "tool";
                });
        node.put("content", text.apply(message.content()));
        if (!message.reasoning().isEmpty()) {
            node.put("reasoning_content", text.apply(message.reasoning()));
        }
        if (!message.toolCalls().isEmpty()) {
            ArrayNode calls = node.putArray("tool_calls");
            message.toolCalls().forEach(call -> calls.add(call(call)));
        }
        if (message.role() == ChatRole.TOOL) {
            node.put("name", text.apply(message.toolName()));
            node.put("tool_call_id", text.apply(message.toolCallId()));
        }
        return node;
    }

    private ObjectNode call(ToolCall call) {
        ObjectNode node = NODES.objectNode();
        node.put("type", "function");
        node.put("id", text.apply(call.id()));
        ObjectNode function = node.putObject("function");
        function.put("name", text.apply(call.name()));
        function.put("arguments", arguments(call));
        return node;
    }

    /** As they were written, so that the prompt is what was computed before, if nothing in them needs to be changed. */
    private String arguments(ToolCall call) {
        JsonNode before = parse("the arguments of a call of " + call.name(), call.arguments());
        JsonNode after = each(before);
        return after.equals(before) ? call.arguments() : JSON.writeValueAsString(after);
    }

    private ObjectNode tool(ToolDefinition tool) {
        if (!tool.name().matches("[A-Za-z0-9_-]{1,64}")) {
            throw new IllegalArgumentException(
                    "a tool's name must be 1 to 64 letters, digits, _ and -, not " + tool.name());
        }
        ObjectNode node = NODES.objectNode();
        node.put("type", "function");
        ObjectNode function = node.putObject("function");
        function.put("name", text.apply(tool.name()));
        function.put("description", text.apply(tool.description()));
        function.set("parameters", tree("the parameters of " + tool.name(), tool.parameters()));
        return node;
    }

    private JsonNode tree(String what, String json) {
        JsonNode tree = parse(what, json);
        if (!tree.isObject()) {
            throw new IllegalArgumentException(what + " must be a JSON object");
        }
        return each(tree);
    }

    private static JsonNode parse(String what, String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(what + " are not JSON", e);
        }
    }

    private JsonNode each(JsonNode node) {
        if (node.isString()) {
            return NODES.stringNode(text.apply(node.stringValue()));
        }
        if (node.isArray()) {
            ArrayNode array = NODES.arrayNode();
            node.forEach(element -> array.add(each(element)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = NODES.objectNode();
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                object.set(text.apply(property.getKey()), each(property.getValue()));
            }
            return object;
        }
        return node;
    }
}
