package dev.llamapanama.chat.schema;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.module.SimpleModule;

/** How values are read and written: strictly, and by the same rules as {@link TypeSchemas}. */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .addModule(sealedInterfaces())
            .build();

    private Json() {}

    private static JacksonModule sealedInterfaces() {
        return new SimpleModule("sealed interfaces") {
            private static final long serialVersionUID = 1L;

            @Override
            public void setupModule(SetupContext context) {
                super.setupModule(context);
                context.insertAnnotationIntrospector(new Discriminator());
            }
        };
    }

    /** What went wrong, with line and column, without a source excerpt. */
    static String where(JacksonException thrown) {
        String message = thrown.getOriginalMessage();
        return thrown.getLocation() == null || thrown.getLocation().getLineNr() < 1
                ? message
                : "line " + thrown.getLocation().getLineNr() + ", column "
                        + thrown.getLocation().getColumnNr() + ": " + message;
    }

    /** Records of a sealed interface are told apart by {@link SealedTypes#DISCRIMINATOR}. */
    private static final class Discriminator extends NopAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
            return SealedTypes.hasDiscriminator(annotated.getRawType())
                    ? JsonTypeInfo.Value.construct(
                            JsonTypeInfo.Id.NAME,
                            JsonTypeInfo.As.PROPERTY,
                            SealedTypes.DISCRIMINATOR,
                            null,
                            false,
                            true,
                            null)
                    : null;
        }

        @Override
        public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
            Class<?> type = annotated.getRawType();
            if (!SealedTypes.hasDiscriminator(type)) {
                return null;
            }
            List<Class<?>> records = type.isRecord() ? List.of(type) : SealedTypes.records(type);
            return Arrays.asList(records.stream()
                    .map(each -> new NamedType(each, each.getSimpleName()))
                    .toArray(NamedType[]::new));
        }
    }
}
