package dev.llamapanama.chat.schema;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Refuses Java types of which a schema could not be enforced, or not be bound to a value again. */
final class TypeCheck {
    private static final Set<Class<?>> SIMPLE = Set.of(
            String.class,
            boolean.class,
            Boolean.class,
            byte.class,
            Byte.class,
            short.class,
            Short.class,
            int.class,
            Integer.class,
            long.class,
            Long.class,
            float.class,
            Float.class,
            double.class,
            Double.class,
            BigInteger.class,
            BigDecimal.class,
            LocalDate.class,
            OffsetDateTime.class,
            Instant.class,
            UUID.class);

    private final Set<Class<?>> seen = new HashSet<>();

    private TypeCheck() {}

    static void requireSupported(Type type) {
        new TypeCheck().check(type, type.getTypeName());
    }

    private void check(Type type, String place) {
        if (type instanceof ParameterizedType generic) {
            checkGeneric(generic, place);
            return;
        }
        if (!(type instanceof Class<?> raw)) {
            throw refused(type, place, "a type must be a class, with its type arguments");
        }
        if (SIMPLE.contains(raw) || raw.isEnum() && raw.getEnumConstants().length > 0) {
            return;
        }
        if (raw.isRecord()) {
            checkRecord(raw);
        } else if (raw.isInterface() && raw.isSealed()) {
            if (seen.add(raw)) {
                SealedTypes.records(raw).forEach(each -> check(each, place));
            }
        } else {
            throw refused(
                    type,
                    place,
                    "take a record, a sealed interface of records, an enum, String, boolean, a number, List, Map<String, …>, "
                            + "Optional (of a component), LocalDate, OffsetDateTime, Instant or UUID");
        }
    }

    private void checkGeneric(ParameterizedType generic, String place) {
        Type[] arguments = generic.getActualTypeArguments();
        if (generic.getRawType() == List.class) {
            check(arguments[0], place + "[]");
        } else if (generic.getRawType() == Map.class) {
            if (arguments[0] != String.class) {
                throw refused(generic, place, "keys in JSON are strings; take Map<String, …>");
            }
            check(arguments[1], place + "{}");
        } else {
            throw refused(
                    generic,
                    place,
                    generic.getRawType() == Optional.class
                            ? "only a record's component may be Optional"
                            : "of generic types only List, Map<String, …> and Optional are known");
        }
    }

    private void checkRecord(Class<?> raw) {
        if (raw.getTypeParameters().length > 0) {
            throw refused(raw, raw.getName(), "a record must not have type parameters");
        }
        if (!seen.add(raw)) {
            return;
        }
        for (RecordComponent component : raw.getRecordComponents()) {
            String place = raw.getSimpleName() + "." + component.getName();
            if (component.getName().equals(SealedTypes.DISCRIMINATOR) && SealedTypes.hasDiscriminator(raw)) {
                throw refused(
                        raw,
                        place,
                        "the name is taken by the property that tells the records of a sealed interface apart; rename the component");
            }
            Type type = component.getGenericType();
            boolean optional = type instanceof ParameterizedType generic && generic.getRawType() == Optional.class;
            check(optional ? ((ParameterizedType) type).getActualTypeArguments()[0] : type, place);
        }
    }

    private static UnsupportedSchemaException refused(Type type, String place, String why) {
        return new UnsupportedSchemaException(type.getTypeName(), place, why);
    }
}
