package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.llama_batch;
import dev.llamapanama.bindings.ffi.llama_context_params;
import dev.llamapanama.bindings.ffi.llama_logit_bias;
import dev.llamapanama.bindings.ffi.llama_model_kv_override;
import dev.llamapanama.bindings.ffi.llama_model_params;
import dev.llamapanama.bindings.ffi.llama_sampler_i;
import dev.llamapanama.bindings.ffi.llama_token_data;
import dev.llamapanama.bindings.ffi.llama_token_data_array;
import dev.llamapanama.bindings.ffi.llamapanama_error;
import dev.llamapanama.bindings.ffi.llamapanama_layout;
import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.UnionLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the structs that the generated bindings know with what the C compiler laid out, in both directions. llama.cpp
 * inserts fields in the middle of structs between releases, and a same-size misalignment would otherwise go unnoticed.
 */
final class AbiCheck {
    /** Size or offset of a struct or a field, in bytes. */
    record Layout(String name, long offset, long size) {}

    /** All structs of the generated bindings. */
    static final Map<String, GroupLayout> GENERATED = Map.ofEntries(
            Map.entry("llama_batch", llama_batch.layout()),
            Map.entry("llama_model_params", llama_model_params.layout()),
            Map.entry("llama_model_kv_override", llama_model_kv_override.layout()),
            Map.entry("llama_context_params", llama_context_params.layout()),
            Map.entry("llama_sampler_i", llama_sampler_i.layout()),
            Map.entry("llama_token_data", llama_token_data.layout()),
            Map.entry("llama_token_data_array", llama_token_data_array.layout()),
            Map.entry("llama_logit_bias", llama_logit_bias.layout()),
            Map.entry("llamapanama_error", llamapanama_error.layout()),
            Map.entry("llamapanama_layout", llamapanama_layout.layout()));

    private AbiCheck() {}

    /** The layouts of the libraries in this process ({@code llamapanama_layouts}). */
    static List<Layout> ofLoadedLibrary() {
        List<Layout> layouts = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment table = LlamaH.llamapanama_layouts(count);
            long n = count.get(ValueLayout.JAVA_LONG, 0);
            table = table.reinterpret(n * llamapanama_layout.sizeof());
            for (long i = 0; i < n; i++) {
                MemorySegment entry = llamapanama_layout.asSlice(table, i);
                layouts.add(new Layout(
                        llamapanama_layout.name(entry).getString(0),
                        llamapanama_layout.offset(entry),
                        llamapanama_layout.size(entry)));
            }
        }
        return layouts;
    }

    /** One line for each difference between {@code compiled} and the generated bindings; empty when they agree. */
    static List<String> differences(List<Layout> compiled) {
        Map<String, Layout> generated = generated();
        List<String> differences = new ArrayList<>();
        for (Layout layout : compiled) {
            Layout expected = generated.remove(layout.name());
            if (expected == null) {
                differences.add(layout.name() + ": unknown to the bindings");
            } else if (!expected.equals(layout)) {
                differences.add("%s: offset %d, size %d in the library; offset %d, size %d in the bindings"
                        .formatted(layout.name(), layout.offset(), layout.size(), expected.offset(), expected.size()));
            }
        }
        generated.keySet().forEach(name -> differences.add(name + ": unknown to the library"));
        return differences;
    }

    private static Map<String, Layout> generated() {
        Map<String, Layout> layouts = new TreeMap<>();
        GENERATED.forEach((name, struct) -> {
            layouts.put(name, new Layout(name, 0, struct.byteSize()));
            addFields(name, struct, 0, layouts);
        });
        return layouts;
    }

    /** Adds the fields with names, also those inside anonymous unions, which C flattens. */
    private static void addFields(String struct, GroupLayout group, long start, Map<String, Layout> layouts) {
        long offset = start;
        for (MemoryLayout member : group.memberLayouts()) {
            if (!(member instanceof PaddingLayout)) {
                addField(struct, member, offset, layouts);
            }
            if (!(group instanceof UnionLayout)) {
                offset += member.byteSize();
            }
        }
    }

    private static void addField(String struct, MemoryLayout member, long offset, Map<String, Layout> layouts) {
        if (member instanceof UnionLayout union) {
            addFields(struct, union, offset, layouts); // its own name is jextract's
        } else {
            String name = struct + "." + member.name().orElseThrow();
            layouts.put(name, new Layout(name, offset, member.byteSize()));
        }
    }
}
