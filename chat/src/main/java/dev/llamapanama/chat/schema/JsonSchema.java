package dev.llamapanama.chat.schema;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.lang.reflect.Type;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A JSON schema (draft 2020-12) that texts are checked against. Immutable and thread-safe.
 *
 * <p>References to other documents are not followed.
 */
public final class JsonSchema {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final String text;
    private final Schema schema;

    private JsonSchema(JsonNode node) {
        text = node.toString();
        schema = REGISTRY.getSchema(node);
    }

    /**
     * The schema of a record, a sealed interface of records, or of what those may contain: strings, numbers, booleans, enums,
     * lists, maps with strings as keys, records, sealed interfaces; of {@code java.time}, LocalDate, OffsetDateTime, Instant;
     * UUID. Every property must be there, but for those that are {@code Optional}; none may be there that the record has not.
     *
     * <p>A record that implements a sealed interface has a property {@code type} with its simple name.
     *
     * @throws UnsupportedSchemaException if a type has no schema that a grammar can enforce
     */
    public static JsonSchema of(Type type) {
        JsonSchema schema = new JsonSchema(TypeSchemas.of(type));
        SchemaCheck.requireSupported(schema.text);
        return schema;
    }

    /**
     * A schema from elsewhere. Any of its keywords is checked by {@link #problems}; whether a grammar can enforce them, says
     * {@link SchemaCheck}.
     *
     * @throws IllegalArgumentException if it is not a JSON object
     */
    public static JsonSchema parse(String text) {
        JsonNode node = object(text);
        try {
            return new JsonSchema(node);
        } catch (RuntimeException thrown) { // the library's family of exceptions is not sealed off
            throw new IllegalArgumentException("the schema is not valid: " + thrown.getMessage(), thrown);
        }
    }

    static JsonNode object(String text) {
        JsonNode node;
        try {
            node = Json.MAPPER.readTree(text);
        } catch (JacksonException thrown) {
            throw new IllegalArgumentException("the schema is not JSON: " + thrown.getOriginalMessage(), thrown);
        }
        if (!node.isObject()) {
            throw new IllegalArgumentException("a schema is a JSON object, not " + node.getNodeType());
        }
        return node;
    }

    /** As JSON. */
    public String text() {
        return text;
    }

    /** Where a text does not follow the schema, and how; nothing if it does. */
    public List<String> problems(String json) {
        try {
            return problems(Json.MAPPER.readTree(json));
        } catch (JacksonException thrown) {
            return List.of("not JSON: " + Json.where(thrown));
        }
    }

    List<String> problems(JsonNode json) {
        try {
            return schema.validate(json).stream()
                    .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                    .toList();
        } catch (RuntimeException thrown) { // as for a reference that leads nowhere, which is found only now
            return List.of("the schema cannot be applied: " + thrown.getMessage());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonSchema that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As JSON. */
    @Override
    public String toString() {
        return text;
    }
}
