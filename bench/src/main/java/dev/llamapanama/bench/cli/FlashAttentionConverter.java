package dev.llamapanama.bench.cli;

import dev.llamapanama.engine.FlashAttention;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** llama-bench's words for the three ways. */
public final class FlashAttentionConverter implements ITypeConverter<FlashAttention> {
    @Override
    public FlashAttention convert(String text) {
        return switch (text) {
            case "auto" -> FlashAttention.AUTO;
            case "on" -> FlashAttention.ENABLED;
            case "off" -> FlashAttention.DISABLED;
            default -> throw new TypeConversionException("'" + text + "' is none of auto, on, off");
        };
    }
}
