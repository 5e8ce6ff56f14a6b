package dev.llamapanama.chat.schema;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Whether a value could follow two schemas at once. */
final class SchemaOverlap {
    private static final int MAX_REFERENCES = 16;

    private SchemaOverlap() {}

    /** Whether surely no value follows two of them; false if that is not plain to see. */
    static boolean isDisjoint(JsonNode root, JsonNode schemas) {
        for (int i = 0; i < schemas.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!isDisjoint(root, schemas.get(i), schemas.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isDisjoint(JsonNode root, JsonNode one, JsonNode other) {
        JsonNode first = resolve(root, one);
        JsonNode second = resolve(root, other);
        Optional<Set<JsonNode>> firstValues = values(first);
        Optional<Set<JsonNode>> secondValues = values(second);
        if (firstValues.isPresent() && secondValues.isPresent()) {
            return haveNothingInCommon(firstValues.get(), secondValues.get());
        }
        Set<String> firstTypes = types(first);
        Set<String> secondTypes = types(second);
        if (!firstTypes.isEmpty() && !secondTypes.isEmpty() && haveNothingInCommon(firstTypes, secondTypes)) {
            return true;
        }
        return firstTypes.equals(Set.of("object"))
                && secondTypes.equals(Set.of("object"))
                && differInAProperty(first, second);
    }

    private static boolean differInAProperty(JsonNode first, JsonNode second) {
        Set<String> common = required(first);
        common.retainAll(required(second));
        return common.stream().anyMatch(name -> {
            Optional<Set<JsonNode>> one = values(first.path("properties").path(name));
            Optional<Set<JsonNode>> other = values(second.path("properties").path(name));
            return one.isPresent() && other.isPresent() && haveNothingInCommon(one.get(), other.get());
        });
    }

    private static Set<String> required(JsonNode schema) {
        return schema.path("required").values().stream()
                .map(JsonNode::asString)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Optional<Set<JsonNode>> values(JsonNode schema) {
        if (schema.has("const")) {
            return Optional.of(Set.of(schema.get("const")));
        }
        return schema.path("enum").isArray()
                ? Optional.of(new HashSet<>(schema.get("enum").values()))
                : Optional.empty();
    }

    /** Integers count as numbers; none if the schema does not say. */
    private static Set<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isMissingNode()) {
            Optional<Set<JsonNode>> values = values(schema);
            return values.isEmpty()
                    ? Set.of()
                    : List.of("object", "array", "string", "number", "boolean", "null").stream()
                            .filter(name -> values.get().stream().anyMatch(value -> isOfType(value, name)))
                            .collect(Collectors.toSet());
        }
        return (type.isArray() ? type.values() : List.of(type))
                .stream()
                        .map(each -> each.asString().equals("integer") ? "number" : each.asString())
                        .collect(Collectors.toSet());
    }

    static boolean isOfType(JsonNode value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> false;
        };
    }

    /** Follows references. */
    static JsonNode resolve(JsonNode root, JsonNode schema) {
        JsonNode found = schema;
        for (int i = 0; i < MAX_REFERENCES && found.path("$ref").isString(); i++) {
            String target = found.get("$ref").stringValue();
            if (!target.startsWith("#/")) {
                break;
            }
            found = root.at(target.substring(1));
        }
        return found;
    }

    private static <T> boolean haveNothingInCommon(Set<T> one, Set<T> other) {
        return one.stream().noneMatch(other::contains);
    }
}
