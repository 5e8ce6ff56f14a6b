package dev.llamapanama.chat.schema;

import com.fasterxml.classmate.ResolvedType;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.MemberScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.generator.TypeScope;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON schemas of Java types, by the same rules as {@link Json}. */
final class TypeSchemas {
    private TypeSchemas() {}

    /**
     * The schema of a type.
     *
     * @throws UnsupportedSchemaException if the type or one in it is none that {@link JsonSchema#of} names
     */
    static ObjectNode of(Type type) {
        TypeCheck.requireSupported(type);
        ObjectNode schema = generator().generateSchema(type);
        if (schema.toString()
                .contains("\"$ref\":\"#\"")) { // it contains itself; the converter knows no reference to the root
            schema = generator(Option.DEFINITION_FOR_MAIN_SCHEMA).generateSchema(type);
        }
        schema.remove("$schema");
        return schema;
    }

    // not thread-safe while it generates
    private static SchemaGenerator generator(Option... options) {
        SchemaGeneratorConfigBuilder builder =
                new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON);
        builder.with(
                Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                Option.FLATTENED_OPTIONALS,
                Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                Option.PLAIN_DEFINITION_KEYS,
                Option.ENUM_KEYWORD_FOR_SINGLE_VALUES,
                Option.STANDARD_FORMATS);
        for (Option option : options) {
            builder.with(option);
        }
        builder.forTypesInGeneral()
                .withPropertySorter(Comparator.comparingInt(TypeSchemas::position))
                .withDescriptionResolver(scope -> description(scope.getType().getErasedType()))
                .withNumberInclusiveMinimumResolver(scope -> bound(scope, true))
                .withNumberInclusiveMaximumResolver(scope -> bound(scope, false))
                .withCustomDefinitionProvider(TypeSchemas::sealedInterface)
                .withTypeAttributeOverride((node, scope, context) -> discriminator(node, scope));
        builder.forFields()
                .withRequiredCheck(field -> !isOptional(field))
                .withNullableCheck(field -> false)
                .withDescriptionResolver(TypeSchemas::description);
        return new SchemaGenerator(builder.build());
    }

    private static boolean isOptional(FieldScope field) {
        return field.getDeclaredType() != null && field.getDeclaredType().getErasedType() == Optional.class;
    }

    private static int position(MemberScope<?, ?> member) {
        RecordComponent[] components = member.getDeclaringType().getErasedType().getRecordComponents();
        return components == null
                ? 0
                : Arrays.stream(components)
                        .map(RecordComponent::getName)
                        .toList()
                        .indexOf(member.getDeclaredName());
    }

    private static @Nullable String description(FieldScope field) {
        Description description = field.getRawMember().getAnnotation(Description.class);
        return description == null ? null : description.value();
    }

    private static @Nullable String description(Class<?> type) {
        Description description = type.getAnnotation(Description.class);
        return description == null ? null : description.value();
    }

    // else a grammar would allow numbers that the Java type cannot hold; those of long may have 16 digits anyway
    private static @Nullable BigDecimal bound(TypeScope scope, boolean minimum) {
        Class<?> type = scope.getType() == null ? Void.class : scope.getType().getErasedType();
        if (type == int.class || type == Integer.class) {
            return BigDecimal.valueOf(minimum ? Integer.MIN_VALUE : Integer.MAX_VALUE);
        }
        if (type == short.class || type == Short.class) {
            return BigDecimal.valueOf(minimum ? Short.MIN_VALUE : Short.MAX_VALUE);
        }
        if (type == byte.class || type == Byte.class) {
            return BigDecimal.valueOf(minimum ? Byte.MIN_VALUE : Byte.MAX_VALUE);
        }
        return null;
    }

    private static @Nullable CustomDefinition sealedInterface(ResolvedType type, SchemaGenerationContext context) {
        Class<?> erased = type.getErasedType();
        if (!erased.isInterface() || !erased.isSealed()) {
            return null;
        }
        ObjectNode definition = context.getGeneratorConfig().createObjectNode();
        ArrayNode alternatives = definition.putArray("anyOf");
        List<Class<?>> records = SealedTypes.records(erased);
        records.forEach(each -> alternatives.add(
                context.createDefinitionReference(context.getTypeContext().resolve(each))));
        return new CustomDefinition(definition);
    }

    /** Puts the property that tells records of a sealed interface apart before the others. */
    private static void discriminator(ObjectNode node, TypeScope scope) {
        if (node.has("anyOf")) { // the option that forbids additional properties adds to these, too
            node.remove("additionalProperties");
        }
        Class<?> type = scope.getType().getErasedType();
        if (!type.isRecord() || !SealedTypes.hasDiscriminator(type)) {
            return;
        }
        ObjectNode properties = node.objectNode();
        properties.putObject(SealedTypes.DISCRIMINATOR).put("const", type.getSimpleName());
        if (node.get("properties") instanceof ObjectNode others) {
            properties.setAll(others);
        }
        node.set("properties", properties);
        ArrayNode required = node.arrayNode().add(SealedTypes.DISCRIMINATOR);
        if (node.get("required") instanceof ArrayNode others) {
            required.addAll(others);
        }
        node.set("required", required);
    }
}
