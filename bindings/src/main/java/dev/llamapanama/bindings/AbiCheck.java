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
import java.lang.foreign.UnionLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the structs that the generated bindings know with what the C compiler laid out. llama.cpp inserts fields in
 * the middle of structs between releases, and a same-size misalignment would otherwise go unnoticed.
 */
final class AbiCheck {
    /** Size or offset of a struct or a field, in bytes. */
    record Layout(String name, long offset, long size) {}

    private static final Map<String, GroupLayout> GENERATED = Map.ofEntries(
            Map.entry("llama_batch", llama_batch.layout()),
            Map.entry("llama_model_params", llama_model_params.layout()),
            Map.entry("llama_model_kv_override", llama_model_kv_override.layout()),
            Map.entry("llama_context_params", llama_context_params.layout()),
            Map.entry("llama_sampler_i", llama_sampler_i.layout()),
            Map.entry("llama_token_data", llama_token_data.layout()),
            Map.entry("llama_token_data_array", llama_token_data_array.layout()),
            Map.entry("llama_logit_bias", llama_logit_bias.layout()),
            Map.entry("llamapanama_error", llamapanama_error.layout()));

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
        List<String> differences = new ArrayList<>();
        for (Layout layout : compiled) {
            Optional<Layout> expected = generated(layout.name());
            if (expected.isEmpty()) {
                differences.add(layout.name() + ": unknown to the bindings");
            } else if (!expected.get().equals(layout)) {
                differences.add("%s: offset %d, size %d in the library; offset %d, size %d in the bindings"
                        .formatted(
                                layout.name(),
                                layout.offset(),
                                layout.size(),
                                expected.get().offset(),
                                expected.get().size()));
            }
        }
        return differences;
    }

    private static Optional<Layout> generated(String name) {
        int dot = name.indexOf('.');
        GroupLayout struct = GENERATED.get(dot < 0 ? name : name.substring(0, dot));
        if (struct == null) {
            return Optional.empty();
        }
        return dot < 0
                ? Optional.of(new Layout(name, 0, struct.byteSize()))
                : field(struct, name.substring(dot + 1), 0)
                        .map(found -> new Layout(name, found.offset(), found.size()));
    }

    /** Finds a field by name, also inside anonymous unions, which C flattens. */
    private static Optional<Layout> field(GroupLayout group, String name, long start) {
        long offset = start;
        for (MemoryLayout member : group.memberLayouts()) {
            if (member.name().equals(Optional.of(name))) {
                return Optional.of(new Layout(name, offset, member.byteSize()));
            }
            if (member instanceof GroupLayout nested) {
                Optional<Layout> found = field(nested, name, offset);
                if (found.isPresent()) {
                    return found;
                }
            }
            if (!(group instanceof UnionLayout)) {
                offset += member.byteSize();
            }
        }
        return Optional.empty();
    }
}
