package dev.llamapanama.bench.cli;

import dev.llamapanama.engine.LoadMode;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** llama.cpp's words for the ways to load a model ({@code llama_load_mode_name}). */
public final class LoadModeConverter implements ITypeConverter<LoadMode> {
    @Override
    public LoadMode convert(String text) {
        return Arrays.stream(LoadMode.values())
                .filter(mode -> name(mode).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + Arrays.stream(LoadMode.values())
                                .map(LoadModeConverter::name)
                                .collect(Collectors.joining(", "))));
    }

    public static String name(LoadMode mode) {
        return switch (mode) {
            case AUTO -> "auto";
            case READ -> "none";
            case MMAP -> "mmap";
            case MLOCK -> "mlock";
            case MMAP_MLOCK -> "mmap+mlock";
            case DIRECT_IO -> "dio";
        };
    }
}
