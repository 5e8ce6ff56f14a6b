package dev.llamapanama.chat.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Sealed interfaces, and the records that implement them. */
final class SealedTypes {
    /** The property with a record's simple name. */
    static final String DISCRIMINATOR = "type";

    private SealedTypes() {}

    /** Whether values of a type have the property {@link #DISCRIMINATOR}. */
    static boolean hasDiscriminator(Class<?> type) {
        return type.isInterface() ? type.isSealed() : type.isRecord() && implementsSealed(type);
    }

    private static boolean implementsSealed(Class<?> type) {
        for (Class<?> parent : type.getInterfaces()) {
            if (parent.isSealed() || implementsSealed(parent)) {
                return true;
            }
        }
        return false;
    }

    /**
     * All records of a sealed interface, in the order in which it permits them.
     *
     * @throws UnsupportedSchemaException if it permits something else, or two of the same simple name
     */
    static List<Class<?>> records(Class<?> sealed) {
        Set<Class<?>> records = new LinkedHashSet<>();
        collect(sealed, records);
        Set<String> names = new LinkedHashSet<>();
        for (Class<?> each : records) {
            if (!names.add(each.getSimpleName())) {
                throw new UnsupportedSchemaException(
                        sealed.getName(),
                        each.getName(),
                        "two records are called " + each.getSimpleName() + ", which tells them apart; rename one");
            }
        }
        return new ArrayList<>(records);
    }

    private static void collect(Class<?> sealed, Set<Class<?>> records) {
        for (Class<?> each : sealed.getPermittedSubclasses()) {
            if (each.isRecord()) {
                records.add(each);
            } else if (each.isInterface() && each.isSealed()) {
                collect(each, records);
            } else {
                throw new UnsupportedSchemaException(
                        sealed.getName(),
                        each.getName(),
                        "a sealed interface may permit records and sealed interfaces only");
            }
        }
    }
}
