package dev.llamapanama.chat.schema;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A Java type and its {@link JsonSchema}: reads values that follow the schema, and writes them. Immutable and thread-safe.
 *
 * <p>Where a program is a module, packages of its types that are not public must be opened to {@code tools.jackson.databind}.
 *
 * @param <T> record, sealed interface, or another type that {@link JsonSchema#of} takes
 */
public final class JsonType<T> {
    private final Class<T> type;
    private final JsonSchema schema;

    private JsonType(Class<T> type, JsonSchema schema) {
        this.type = type;
        this.schema = schema;
    }

    /**
     * Of a class.
     *
     * @throws UnsupportedSchemaException as {@link JsonSchema#of}
     */
    public static <T> JsonType<T> of(Class<T> type) {
        return new JsonType<>(type, JsonSchema.of(type));
    }

    /** The schema. */
    public JsonSchema schema() {
        return schema;
    }

    /**
     * Checks a text against the schema, and makes a value of it.
     *
     * @throws InvalidOutputException if it does not follow the schema, or the type's constructor refuses it
     */
    public T read(String json) {
        JsonNode node;
        try {
            node = Json.MAPPER.readTree(json);
        } catch (JacksonException thrown) {
            throw new InvalidOutputException(json, List.of("not JSON: " + Json.where(thrown)), thrown);
        }
        List<String> problems = schema.problems(node);
        if (!problems.isEmpty()) {
            throw new InvalidOutputException(json, problems, null);
        }
        try {
            return Json.MAPPER.treeToValue(node, type);
        } catch (JacksonException thrown) {
            throw new InvalidOutputException(json, List.of("refused: " + Json.where(thrown)), thrown);
        }
    }

    /** A value as JSON. */
    public static String write(Object value) {
        return Json.MAPPER.writeValueAsString(value);
    }
}
