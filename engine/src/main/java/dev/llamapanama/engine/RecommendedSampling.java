package dev.llamapanama.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads {@code general.sampling.*} from a model's metadata, as {@code common_init_sampler_from_model} does. */
final class RecommendedSampling {
    private static final String PREFIX = "general.sampling.";

    private final Map<String, String> metadata;

    private RecommendedSampling(Map<String, String> metadata) {
        this.metadata = metadata;
    }

    static SamplerOptions read(Map<String, String> metadata) {
        return new RecommendedSampling(metadata).options();
    }

    private SamplerOptions options() {
        SamplerOptions defaults = SamplerOptions.defaults();
        SamplerOptions.Builder builder = defaults.toBuilder();
        sequence().ifPresent(builder::order);
        set("top_k", Integer::valueOf, builder::topK);
        set("top_p", Float::valueOf, builder::topP);
        set("min_p", Float::valueOf, builder::minP);
        set("temp", Float::valueOf, builder::temperature);
        builder.xtc(new Xtc(
                get("xtc_probability", Float::valueOf, defaults.xtc().probability()),
                get("xtc_threshold", Float::valueOf, defaults.xtc().threshold())));
        Penalties penalties = defaults.penalties();
        builder.penalties(new Penalties(
                get("penalty_last_n", Integer::valueOf, penalties.lastTokens()),
                get("penalty_repeat", Float::valueOf, penalties.repeat()),
                penalties.frequency(),
                penalties.presence()));
        builder.mirostat(new Mirostat(
                get(
                        "mirostat",
                        RecommendedSampling::mirostat,
                        defaults.mirostat().version()),
                get("mirostat_tau", Float::valueOf, defaults.mirostat().tau()),
                get("mirostat_eta", Float::valueOf, defaults.mirostat().eta())));
        return builder.build();
    }

    private <T> void set(String key, Function<String, T> parser, Consumer<T> setter) {
        value(key, parser).ifPresent(setter);
    }

    private <T> T get(String key, Function<String, T> parser, T fallback) {
        return value(key, parser).orElse(fallback);
    }

    /** What does not parse counts as absent, as in llama.cpp. */
    private <T> Optional<T> value(String key, Function<String, T> parser) {
        String text = metadata.get(PREFIX + key);
        try {
            return text == null ? Optional.empty() : Optional.of(parser.apply(text.trim()));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static Mirostat.Version mirostat(String text) {
        return switch (Integer.parseInt(text)) {
            case 0 -> Mirostat.Version.OFF;
            case 1 -> Mirostat.Version.V1;
            case 2 -> Mirostat.Version.V2;
            default ->
                throw new IllegalArgumentException(
                        PREFIX + "mirostat in the model's file is " + text + ", not 0, 1 or 2");
        };
    }

    /** Names that llama.cpp does not know are skipped, as there. */
    private Optional<List<SamplerType>> sequence() {
        String text = metadata.get(PREFIX + "sequence");
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        List<SamplerType> order = new ArrayList<>();
        for (String name : text.split(";", -1)) {
            samplerType(name.toLowerCase(Locale.ROOT)).ifPresent(order::add);
        }
        return Optional.of(order);
    }

    private static Optional<SamplerType> samplerType(String name) {
        return switch (name) {
            case "nucleus" -> Optional.of(SamplerType.TOP_P);
            case "temp" -> Optional.of(SamplerType.TEMPERATURE);
            case "typ" -> Optional.of(SamplerType.TYPICAL_P);
            default -> samplerTypeByKey(name);
        };
    }

    private static Optional<SamplerType> samplerTypeByKey(String name) {
        for (SamplerType type : SamplerType.values()) {
            String key = type.key();
            if (name.equals(key) || name.equals(key.replace('_', '-')) || name.equals(key.replace("_", ""))) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
