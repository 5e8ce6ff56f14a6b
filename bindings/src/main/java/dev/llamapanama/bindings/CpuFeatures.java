package dev.llamapanama.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The instruction sets of this machine, under ggml's names, read from {@code /proc/cpuinfo} so that a library built for
 * more than the CPU has is refused before one of its instructions runs.
 */
final class CpuFeatures {
    /** ggml's option, then the kernel's flags that all have to be there. */
    private static final Map<String, List<String>> KERNEL_FLAGS = Map.ofEntries(
            Map.entry("SSE42", List.of("sse4_2")),
            Map.entry("AVX", List.of("avx")),
            Map.entry("F16C", List.of("f16c")),
            Map.entry("FMA", List.of("fma")),
            Map.entry("BMI2", List.of("bmi2")),
            Map.entry("AVX2", List.of("avx2")),
            Map.entry("AVX_VNNI", List.of("avx_vnni")),
            Map.entry("AVX512", List.of("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw")),
            Map.entry("AVX512_VBMI", List.of("avx512vbmi")),
            Map.entry("AVX512_VNNI", List.of("avx512_vnni")),
            Map.entry("AVX512_BF16", List.of("avx512_bf16")),
            Map.entry("AMX_TILE", List.of("amx_tile")),
            Map.entry("AMX_INT8", List.of("amx_int8")),
            Map.entry("AMX_BF16", List.of("amx_bf16")),
            Map.entry("DOTPROD", List.of("asimddp")),
            Map.entry("FP16", List.of("asimdhp")));

    private final Set<String> flags;

    private CpuFeatures(Set<String> flags) {
        this.flags = flags;
    }

    /** This machine's, or empty where there is no readable {@code /proc/cpuinfo}. */
    static Optional<CpuFeatures> ofThisMachine() {
        try {
            return Optional.of(parse(Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The flags of the first CPU in the text of a {@code /proc/cpuinfo}. */
    static CpuFeatures parse(String cpuinfo) {
        Set<String> flags = new LinkedHashSet<>();
        for (String line : cpuinfo.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String key = line.substring(0, colon).strip();
            if (key.equals("flags") || key.equals("Features")) {
                flags.addAll(List.of(line.substring(colon + 1).strip().split("\\s+")));
                break;
            }
        }
        return new CpuFeatures(flags);
    }

    /** Those of {@code required} (ggml's names) that this CPU lacks, sorted; a name that is not known counts as missing. */
    Set<String> missing(Iterable<String> required) {
        Set<String> missing = new TreeSet<>();
        for (String feature : required) {
            List<String> wanted = KERNEL_FLAGS.get(feature);
            if (wanted == null || !flags.containsAll(wanted)) {
                missing.add(feature);
            }
        }
        return missing;
    }
}
