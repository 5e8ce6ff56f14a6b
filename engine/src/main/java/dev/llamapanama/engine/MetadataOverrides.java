package dev.llamapanama.engine;

import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufValue;
import dev.llamapanama.gguf.GgufValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows a model's file as llama.cpp sees it with overrides, so that it is checked as such. */
final class MetadataOverrides {
    private static final long UINT32 = 0xFFFF_FFFFL;

    private MetadataOverrides() {}

    static GgufFile apply(GgufFile file, Map<String, Object> overrides) {
        Map<String, GgufValue> replacements = replacements(file, overrides);
        return replacements.isEmpty() ? file : file.withMetadata(replacements);
    }

    /** The values that llama.cpp uses in place of the file's, as text; its own list of the metadata has the file's. */
    static Map<String, String> texts(GgufFile file, Map<String, Object> overrides) {
        Map<String, String> texts = new LinkedHashMap<>();
        replacements(file, overrides).forEach((key, value) -> texts.put(key, text(value)));
        return texts;
    }

    private static String text(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> Long.toString(whole.value());
            case GgufValue.Real real -> Float.toString((float) real.value());
            case GgufValue.Bool bool -> Boolean.toString(bool.value());
            case GgufValue.Text text -> text.value();
            default -> throw new IllegalArgumentException(value + " is no value of an override");
        };
    }

    private static Map<String, GgufValue> replacements(GgufFile file, Map<String, Object> overrides) {
        Map<String, GgufValue> replacements = new LinkedHashMap<>();
        overrides.forEach((key, value) -> {
            GgufValue replacement = replacement(file.metadata().get(key), value);
            if (replacement != null) {
                replacements.put(key, replacement);
            }
        });
        return replacements;
    }

    /** Null where llama.cpp keeps the old value, because the override is of another type. */
    private static @Nullable GgufValue replacement(@Nullable GgufValue old, Object value) {
        return switch (value) {
            case Long number when old == null -> new GgufValue.Whole(GgufValueType.UINT32, number & UINT32);
            case Long number
            when old instanceof GgufValue.Whole whole ->
                new GgufValue.Whole(whole.type(), whole.type() == GgufValueType.UINT32 ? number & UINT32 : number);
            case Double number when old == null -> new GgufValue.Real(GgufValueType.FLOAT32, number);
            case Double number when old instanceof GgufValue.Real real -> new GgufValue.Real(real.type(), number);
            case Boolean bool when old == null || old instanceof GgufValue.Bool -> new GgufValue.Bool(bool);
            case String text when old == null || old instanceof GgufValue.Text -> new GgufValue.Text(text);
            default -> null;
        };
    }
}
