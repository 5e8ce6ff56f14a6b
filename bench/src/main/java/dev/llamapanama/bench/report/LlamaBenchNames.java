package dev.llamapanama.bench.report;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Settings in the form in which llama-bench and llama-batched-bench write them. */
public final class LlamaBenchNames {
    private LlamaBenchNames() {}

    /** {@code build_commit}: the tag of llama.cpp's version, which git takes where it takes a commit. */
    public static String buildCommit(Machine machine) {
        return "v" + machine.llamaCppVersion().replaceFirst("-.*", ""); // such as "0.5.0-dev"
    }

    /** {@code type_k} and {@code type_v}: {@code ggml_type_name}. */
    public static String type(KvType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /** {@code flash_attn}: -1 automatic, 0 off, 1 on ({@code llama_flash_attn_type}). */
    public static int flashAttention(FlashAttention flashAttention) {
        return switch (flashAttention) {
            case AUTO -> -1;
            case DISABLED -> 0;
            case ENABLED -> 1;
        };
    }

    /** {@code test_time}: UTC in whole seconds. */
    public static String testTime(Instant start) {
        return start.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC).format(DateTimeFormatter.ISO_INSTANT);
    }
}
