package dev.llamapanama.bench.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What Linux says that the CPU can do, as far as llama.cpp could use it. */
final class CpuFlags {
    /** llama.cpp's names by Linux's. */
    private static final Map<String, String> FEATURES = features();

    private CpuFlags() {}

    private static Map<String, String> features() {
        Map<String, String> features = new LinkedHashMap<>();
        features.put("avx", "AVX");
        features.put("avx2", "AVX2");
        features.put("f16c", "F16C");
        features.put("fma", "FMA");
        features.put("bmi2", "BMI2");
        features.put("avx_vnni", "AVX_VNNI");
        features.put("avx512f", "AVX512");
        features.put("avx512_vbmi", "AVX512_VBMI");
        features.put("avx512_vnni", "AVX512_VNNI");
        features.put("avx512_bf16", "AVX512_BF16");
        features.put("amx_int8", "AMX_INT8");
        return features;
    }

    /**
     * Features that the CPU has and a library does not use.
     *
     * @param root the folder that holds {@code proc}
     * @param used what the library uses, in llama.cpp's names
     */
    static List<String> unused(Path root, List<String> used) {
        Set<String> flags = flags(root);
        return FEATURES.entrySet().stream()
                // where llama.cpp has both it takes the wider one
                .filter(feature -> !(feature.getKey().equals("avx_vnni") && used.contains("AVX512_VNNI")))
                .filter(feature -> flags.contains(feature.getKey()) && !used.contains(feature.getValue()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Set<String> flags(Path root) {
        try (var lines = Files.lines(root.resolve("proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Arrays.stream(
                                    line.substring(line.indexOf(':') + 1).split(" "))
                            .collect(Collectors.toSet()))
                    .orElse(Set.of());
        } catch (IOException e) {
            return Set.of();
        }
    }
}
