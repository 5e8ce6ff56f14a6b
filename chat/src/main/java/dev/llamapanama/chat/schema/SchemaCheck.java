package dev.llamapanama.chat.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Refuses JSON schemas that llama.cpp's {@code json_schema_to_grammar} would not enforce in full. It skips what it does not
 * know without a word; read from json-schema.cpp and json-schema-to-grammar.cpp of the pinned version, it honours
 *
 * <ul>
 *   <li>{@code type} (one or several), {@code const}, {@code enum}, {@code $ref} within the document, {@code $defs}
 *   <li>of objects {@code properties} (in this order), {@code required}, {@code additionalProperties} (false, or where there are
 *       no properties)
 *   <li>of arrays {@code items} (a schema), or {@code prefixItems}, and {@code minItems}, {@code maxItems}
 *   <li>of strings {@code minLength} and {@code maxLength}, or {@code pattern} (see {@link RegularExpression}), or {@code format} (date,
 *       time, date-time, uuid)
 *   <li>of integers {@code minimum}, {@code maximum}, {@code exclusiveMinimum}, {@code exclusiveMaximum}
 *   <li>{@code anyOf}; {@code oneOf} whose alternatives exclude each other; {@code allOf} of objects
 * </ul>
 *
 * and annotations as {@code description}. An object without {@code additionalProperties} is generated without any.
 */
public final class SchemaCheck {
    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly");
    private static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties");
    private static final Set<String> ARRAY = Set.of("items", "prefixItems", "minItems", "maxItems");
    private static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern", "format");
    private static final Set<String> INTEGER = Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");
    private static final Set<String> FORMATS = Set.of("date", "time", "date-time", "uuid");
    private static final Set<String> TYPES =
            Set.of("object", "array", "string", "integer", "number", "boolean", "null");
    private static final int MAX_COUNT = 2_000; // MAX_REPETITION_THRESHOLD; llama.cpp takes more for no limit
    private static final int MAX_NESTING = 64;

    private final JsonNode root;
    private final RuleNames names = new RuleNames();
    private final Set<String> checkedReferences = new HashSet<>();
    private final Set<String> openReferences = new LinkedHashSet<>();
    private int nesting;

    private SchemaCheck(JsonNode root) {
        this.root = root;
    }

    /**
     * Checks a schema.
     *
     * @throws UnsupportedSchemaException if the grammar would not enforce it in full; names keyword and place
     * @throws IllegalArgumentException if it is not a JSON object
     */
    public static void requireSupported(String schema) {
        JsonNode root = JsonSchema.object(schema);
        SchemaCheck check = new SchemaCheck(root);
        check.node(root, "#", "");
        check.names.requireDistinct();
    }

    /**
     * One schema.
     *
     * @param name what the converter calls its rule
     */
    private void node(JsonNode schema, String place, String name) {
        if (!schema.isObject()) {
            throw refused("boolean schema", place, "a schema must be an object here; {} allows everything");
        }
        if (++nesting > MAX_NESTING) {
            throw refused("nesting", place, "schemas nest deeper than " + MAX_NESTING + "; flatten it");
        }
        names.rule(name, place);
        for (String keyword : schema.propertyNames()) {
            if (!known(keyword)) {
                throw refused(
                        keyword, place, "the grammar cannot enforce it; leave it out, and check the value afterwards");
            }
        }
        if (schema.has("$ref")) {
            only(schema, place, Set.of("$ref"));
            reference(schema.get("$ref"), place);
        } else if (schema.has("anyOf") || schema.has("oneOf")) {
            String keyword = schema.has("oneOf") ? "oneOf" : "anyOf";
            only(schema, place, Set.of(keyword));
            alternatives(schema.get(keyword), keyword, place, name);
        } else if (schema.has("const") || schema.has("enum")) {
            values(schema, place);
        } else if (schema.has("allOf")) {
            allOf(schema, place, name);
        } else {
            typed(schema, place, name);
        }
        nesting--;
    }

    /** A schema of what is inside a value: a reference may lead back to the outside from there. */
    private void inner(JsonNode schema, String place, String name) {
        Set<String> outside = new LinkedHashSet<>(openReferences);
        openReferences.clear();
        node(schema, place, name);
        openReferences.addAll(outside);
    }

    private static boolean known(String keyword) {
        return ANNOTATIONS.contains(keyword)
                || OBJECT.contains(keyword)
                || ARRAY.contains(keyword)
                || STRING.contains(keyword)
                || INTEGER.contains(keyword)
                || Set.of("$ref", "anyOf", "oneOf", "allOf", "const", "enum", "type")
                        .contains(keyword);
    }

    private static void only(JsonNode schema, String place, Set<String> keywords) {
        for (String keyword : schema.propertyNames()) {
            if (!ANNOTATIONS.contains(keyword) && !keywords.contains(keyword)) {
                String stronger =
                        keywords.stream().filter(schema::has).findFirst().orElse("");
                throw refused(
                        keyword, place, "it is ignored beside " + stronger + "; move it into a schema of its own");
            }
        }
    }

    private void reference(JsonNode reference, String place) {
        String target = reference.isString() ? reference.stringValue() : "";
        if (!target.startsWith("#/") || target.contains("~") || target.contains("%")) {
            throw refused(
                    "$ref", place, "only #/… into the same document is supported, without escapes; move it to $defs");
        }
        if (openReferences.contains(target)) {
            throw refused("$ref", place, target + " leads back to itself with nothing in between");
        }
        if (!checkedReferences.add(target)) {
            return;
        }
        JsonNode found = root;
        for (String token : target.substring(2).split("/", -1)) {
            found = found.isArray() && token.matches("[0-9]{1,6}")
                    ? found.path(Integer.parseInt(token))
                    : found.path(token);
        }
        if (found.isMissingNode()) {
            throw refused("$ref", place, target + " is not in the document");
        }
        openReferences.add(target);
        node(found, target, names.reference(target));
        openReferences.remove(target);
    }

    private void alternatives(JsonNode alternatives, String keyword, String place, String name) {
        if (!alternatives.isArray() || alternatives.isEmpty()) {
            throw refused(keyword, place, "it must be an array of schemas, and not be empty");
        }
        for (int i = 0; i < alternatives.size(); i++) {
            String child = name + (name.isEmpty() ? "alternative-" : "-") + i;
            node(alternatives.get(i), place + "/" + keyword + "/" + i, child);
        }
        if (keyword.equals("oneOf") && !SchemaOverlap.isDisjoint(root, alternatives)) {
            throw refused(
                    "oneOf",
                    place,
                    "the grammar takes it for anyOf, and two alternatives could both match; write anyOf, or give each a required "
                            + "property with another const");
        }
    }

    private void values(JsonNode schema, String place) {
        String keyword = schema.has("const") ? "const" : "enum";
        only(schema, place, Set.of(keyword, "type"));
        JsonNode enumeration = schema.get("enum");
        if (keyword.equals("enum") && (!enumeration.isArray() || enumeration.isEmpty())) {
            throw refused("enum", place, "it must be an array, and not be empty");
        }
        Collection<JsonNode> values = keyword.equals("const") ? List.of(schema.get("const")) : enumeration.values();
        List<String> types = types(schema, place);
        for (JsonNode value : values) {
            if (!types.isEmpty() && types.stream().noneMatch(type -> SchemaOverlap.isOfType(value, type))) {
                throw refused(keyword, place, "type is ignored beside it, and one value is not of that type");
            }
        }
    }

    private void allOf(JsonNode schema, String place, String name) {
        only(schema, place, Set.of("allOf", "type"));
        JsonNode children = schema.get("allOf");
        List<String> types = types(schema, place);
        if (!children.isArray() || children.isEmpty() || !types.isEmpty() && !types.equals(List.of("object"))) {
            throw refused("allOf", place, "it must be an array of objects' schemas");
        }
        Set<String> properties = new HashSet<>();
        for (int i = 0; i < children.size(); i++) {
            String childPlace = place + "/allOf/" + i;
            JsonNode child = SchemaOverlap.resolve(root, children.get(i));
            if (!child.path("properties").isObject()
                    || child.has("additionalProperties")
                    || child.has("anyOf")
                    || child.has("oneOf")
                    || child.has("allOf")) {
                throw refused(
                        "allOf",
                        childPlace,
                        "of the alternatives only the properties of objects without additionalProperties are put together");
            }
            node(children.get(i), childPlace, name + "-allOf-" + i);
            for (String property : child.get("properties").propertyNames()) {
                if (!properties.add(property)) {
                    throw refused("allOf", childPlace, property + " is in two of the schemas");
                }
            }
        }
    }

    private void typed(JsonNode schema, String place, String name) {
        List<String> types = new ArrayList<>(types(schema, place));
        if (types.isEmpty()) {
            types.addAll(impliedTypes(schema, place));
        }
        Set<String> used = new HashSet<>(Set.of("type"));
        for (int i = 0; i < types.size(); i++) {
            String ruleName = schema.path("type").isArray() ? name + (name.isEmpty() ? "alternative-" : "-") + i : name;
            switch (types.get(i)) {
                case "object" -> {
                    used.addAll(OBJECT);
                    object(schema, place, ruleName);
                }
                case "array" -> {
                    used.addAll(ARRAY);
                    array(schema, place, ruleName);
                }
                case "string" -> {
                    used.addAll(STRING);
                    string(schema, place);
                }
                case "integer" -> {
                    used.addAll(INTEGER);
                    integer(schema, place);
                }
                default -> {}
            }
        }
        if (types.contains("number")) {
            used.removeAll(INTEGER);
        }
        for (String keyword : schema.propertyNames()) {
            if (!ANNOTATIONS.contains(keyword) && !used.contains(keyword)) {
                throw refused(
                        keyword,
                        place,
                        "it has no effect on " + (types.isEmpty() ? "any value" : String.join(", ", types))
                                + (INTEGER.contains(keyword) ? "; limits are for integers only" : "; leave it out"));
            }
        }
    }

    /** The types that a schema names; none if it names none. */
    private static List<String> types(JsonNode schema, String place) {
        if (!schema.has("type")) {
            return List.of();
        }
        JsonNode type = schema.get("type");
        Collection<JsonNode> each = type.isArray() ? type.values() : List.of(type);
        List<String> types = each.stream()
                .map(value -> value.isString() ? value.stringValue() : value.toString())
                .toList();
        if (types.isEmpty() || !TYPES.containsAll(types)) {
            throw refused(
                    "type",
                    place,
                    "it must be one or some of " + TYPES.stream().sorted().toList());
        }
        return types;
    }

    /** As the converter guesses. */
    private static List<String> impliedTypes(JsonNode schema, String place) {
        List<String> types = new ArrayList<>();
        if (OBJECT.stream().anyMatch(schema::has)) {
            types.add("object");
        }
        if (ARRAY.stream().anyMatch(schema::has)) {
            types.add("array");
        }
        if (STRING.stream().anyMatch(schema::has)) {
            types.add("string");
        }
        if (types.size() > 1 || INTEGER.stream().anyMatch(schema::has)) {
            throw refused("type", place, "it is missing, and would be guessed; say which type is meant");
        }
        return types;
    }

    private void object(JsonNode schema, String place, String name) {
        JsonNode properties = schema.path("properties");
        if (!properties.isMissingNode() && !properties.isObject()) {
            throw refused("properties", place, "it must be an object");
        }
        JsonNode required = schema.path("required");
        if (!required.isMissingNode() && !required.isArray()) {
            throw refused("required", place, "it must be an array of names");
        }
        for (JsonNode each : required.values()) {
            if (!each.isString() || !properties.has(each.stringValue())) {
                throw refused(
                        "required", place, each + " is not among the properties, so that nothing would enforce it");
            }
        }
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            String key = property.getKey();
            if (key.isEmpty() || key.equals("*")) {
                throw refused(
                        "properties",
                        place,
                        "the name \"" + key + "\" has a meaning of its own in the converter; rename it");
            }
            inner(property.getValue(), place + "/properties/" + key, name + (name.isEmpty() ? "" : "-") + key);
        }
        additionalProperties(schema.path("additionalProperties"), !properties.isEmpty(), place, name);
    }

    private void additionalProperties(JsonNode additional, boolean beside, String place, String name) {
        if (additional.isMissingNode() || additional.isBoolean() && !additional.booleanValue()) {
            return;
        }
        if (beside) {
            throw refused(
                    "additionalProperties",
                    place,
                    "beside properties the grammar lets names through that are no JSON; set it to false, or put a map into a "
                            + "property of its own");
        }
        if (!additional.isBoolean()) {
            String child = name + (name.isEmpty() ? "" : "-") + "additional-value";
            inner(additional, place + "/additionalProperties", child);
        }
    }

    private void array(JsonNode schema, String place, String name) {
        String prefix = name + (name.isEmpty() ? "" : "-");
        int least = count(schema, "minItems", 0, place);
        int most = count(schema, "maxItems", Integer.MAX_VALUE, place);
        if (least > most) {
            throw refused("minItems", place, "it is more than maxItems");
        }
        if (schema.path("items").isArray()) {
            throw refused("items", place, "it must be one schema; of an array of fixed length write prefixItems");
        }
        if (!schema.has("prefixItems")) {
            if (schema.has("items")) {
                inner(schema.get("items"), place + "/items", prefix + "item");
            }
            return;
        }
        JsonNode items = schema.get("prefixItems");
        if (schema.has("items")) {
            throw refused("prefixItems", place, "it is ignored beside items; leave items out");
        }
        if (!items.isArray() || items.isEmpty()) {
            throw refused("prefixItems", place, "it must be an array of schemas, and not be empty");
        }
        if (least > items.size() || most < items.size()) {
            throw refused(
                    least > items.size() ? "minItems" : "maxItems",
                    place,
                    "it is ignored beside prefixItems; leave it out");
        }
        for (int i = 0; i < items.size(); i++) {
            inner(items.get(i), place + "/prefixItems/" + i, prefix + "tuple-" + i);
        }
    }

    private static void string(JsonNode schema, String place) {
        int least = count(schema, "minLength", 0, place);
        int most = count(schema, "maxLength", Integer.MAX_VALUE, place);
        if (least > most) {
            throw refused("minLength", place, "it is more than maxLength");
        }
        if (schema.has("pattern")) {
            for (String other : List.of("format", "minLength", "maxLength")) {
                if (schema.has(other)) {
                    throw refused(other, place, "it is ignored beside pattern; put it into the pattern");
                }
            }
            if (!schema.get("pattern").isString()) {
                throw refused("pattern", place, "it must be a string");
            }
            try {
                RegexParser.requireSupportedInJson(schema.get("pattern").stringValue());
            } catch (UnsupportedSchemaException refused) {
                throw refused("pattern", place, refused.getMessage());
            }
        }
        if (schema.has("format")) {
            if (!schema.get("format").isString()
                    || !FORMATS.contains(schema.get("format").stringValue())) {
                throw refused(
                        "format", place, "only " + FORMATS.stream().sorted().toList() + " are supported");
            }
            for (String other : List.of("minLength", "maxLength")) {
                if (schema.has(other)) {
                    throw refused(other, place, "it is ignored beside format");
                }
            }
        }
    }

    private static int count(JsonNode schema, String keyword, int otherwise, String place) {
        JsonNode value = schema.get(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > MAX_COUNT) {
            throw refused(
                    keyword,
                    place,
                    "it must be a whole number from 0 to " + MAX_COUNT + "; the grammar takes more for no limit");
        }
        return value.intValue();
    }

    private static void integer(JsonNode schema, String place) {
        IntegerLimits.check(schema).ifPresent(problem -> {
            throw refused(problem.keyword(), place, problem.why());
        });
    }

    private static UnsupportedSchemaException refused(String keyword, String place, String why) {
        return new UnsupportedSchemaException(keyword, place, why);
    }

    /** What the converter calls its rules. Two schemas of one name would become one, without a word. */
    private static final class RuleNames {
        private static final Set<String> RESERVED = Set.of(
                "boolean",
                "decimal-part",
                "integral-part",
                "number",
                "integer",
                "value",
                "object",
                "array",
                "uuid",
                "char",
                "string",
                "null",
                "date",
                "time",
                "date-time",
                "date-string",
                "time-string",
                "date-time-string",
                "root");

        private final Map<String, Set<String>> placesByName = new LinkedHashMap<>();
        private final Map<String, String> references = new LinkedHashMap<>();

        void rule(String name, String place) {
            String rule = normalize(name);
            if (RESERVED.contains(rule) && !RESERVED.contains(name)) {
                throw refused(
                        "properties",
                        place,
                        "the converter would take the name for its own rule " + rule + "; rename it");
            }
            placesByName.computeIfAbsent(rule, key -> new LinkedHashSet<>()).add(place);
        }

        String reference(String target) {
            String name = "ref" + normalize(target.substring(1));
            String other = references.put(name, target);
            if (other != null) {
                throw refused(
                        "$ref",
                        target,
                        "the converter takes it for " + other + ", whose name differs in punctuation only; rename");
            }
            return name;
        }

        void requireDistinct() {
            references.forEach((name, target) -> {
                for (String place : placesByName.get(name)) {
                    if (!place.equals(target)) {
                        throw refused("$ref", target, "the converter takes it for " + place + "; rename one");
                    }
                }
            });
        }

        private static String normalize(String name) {
            return name.replaceAll("[^a-zA-Z0-9-]+", "-");
        }
    }
}
