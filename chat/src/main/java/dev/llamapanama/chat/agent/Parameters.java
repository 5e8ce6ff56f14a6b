package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ToolDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A tool's parameters, to give arguments without names theirs. */
final class Parameters {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final List<String> names;
    private final List<String> required;
    private final JsonNode properties;

    private Parameters(JsonNode schema) {
        properties = schema.path("properties");
        names = new ArrayList<>(properties.propertyNames());
        required = schema.path("required").values().stream()
                .map(JsonNode::asString)
                .toList();
    }

    /** Of the tool of this name, if there is one. */
    static Optional<Parameters> of(String name, List<ToolDefinition> tools) {
        return tools.stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .map(tool -> new Parameters(schema(tool)));
    }

    private static JsonNode schema(ToolDefinition tool) {
        try {
            return MAPPER.readTree(tool.parameters());
        } catch (JacksonException thrown) {
            return JsonNodeFactory.instance.objectNode(); // as if it had none
        }
    }

    boolean needsNone() {
        return required.isEmpty();
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** Names for values in order; nothing if there are more values than parameters. */
    Optional<ObjectNode> named(List<JsonNode> values) {
        if (values.size() > names.size()) {
            return Optional.empty();
        }
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < values.size(); i++) {
            arguments.set(names.get(i), values.get(i));
        }
        return Optional.of(arguments);
    }

    /** A text as the only argument, if there is only one parameter, or one that must be given. */
    Optional<ObjectNode> single(String text) {
        String name = names.size() == 1 ? names.getFirst() : required.size() == 1 ? required.getFirst() : "";
        if (name.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        if (!properties.path(name).path("type").asString("").equals("string")
                && LenientJson.read(text, 0, true) instanceof LenientJson.Result.Value value
                && value.end() == text.length()) {
            arguments.set(name, value.node());
        } else {
            arguments.put(name, text);
        }
        return Optional.of(arguments);
    }
}
