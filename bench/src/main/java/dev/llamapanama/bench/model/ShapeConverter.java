package dev.llamapanama.bench.model;

import dev.llamapanama.gguf.forge.ModelShapes;
import dev.llamapanama.gguf.forge.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The shape of a published model by its name in small letters: {@code qwen2.5-0.5b}. */
public final class ShapeConverter implements ITypeConverter<ModelSpec> {
    @Override
    public ModelSpec convert(String name) {
        return ModelShapes.all().stream()
                .filter(shape -> shape.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException(
                        "no shape is called '" + name + "'; there are " + String.join(", ", names())));
    }

    private static List<String> names() {
        return ModelShapes.all().stream()
                .map(shape -> shape.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** All names, for help texts. */
    public static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        /** Called by picocli. */
        public Names() {
            super(names());
        }
    }
}
