package dev.llamapanama.bench.variants;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.KebabCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way to run a measurement.
 *
 * @param name for tables
 * @param program what measures
 * @param build name of a build that {@code cmake/variants.sh} made; null for the native libraries of this build
 * @param environment variables that are set for the process
 * @param jvmOptions options of the JVM; llama-bench has none
 * @param options options of the program without their hyphens: {@code threads: 1} stands for {@code --threads 1}
 */
@JsonNaming(KebabCaseStrategy.class)
record Variant(
        @JsonProperty(required = true) String name,
        Program program,
        @Nullable String build,
        Map<String, String> environment,
        List<String> jvmOptions,
        Map<String, String> options) {

    /** What measures. */
    enum Program {
        /** This program's {@code throughput}. */
        @JsonProperty("engine")
        ENGINE,
        /** llama.cpp's own benchmark, of the variant's build. */
        @JsonProperty("llama-bench")
        LLAMA_BENCH
    }

    /** What a file leaves out. */
    Variant {
        program = program == null ? Program.ENGINE : program;
        environment = environment == null ? Map.of() : Map.copyOf(environment);
        jvmOptions = jvmOptions == null ? List.of() : List.copyOf(jvmOptions);
        options = options == null ? Map.of() : Map.copyOf(options);
    }

    /** This variant as a change to another one: what it does not name is the other's. */
    Variant relativeTo(Variant first) {
        List<String> jvm = new ArrayList<>(first.jvmOptions);
        jvm.addAll(jvmOptions); // of options that contradict each other the JVM takes the last
        return new Variant(
                name,
                program,
                build == null ? first.build : build,
                merged(first.environment, environment),
                jvm,
                merged(first.options, options));
    }

    private static Map<String, String> merged(Map<String, String> first, Map<String, String> changes) {
        Map<String, String> merged = new LinkedHashMap<>(first);
        merged.putAll(changes);
        return merged;
    }
}
