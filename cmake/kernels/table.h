// Makes the table of functions of an instruction set from the templates.
#pragma once

#include "micro_kernel.h"

namespace {

// Calls `action` with the format of a type, or returns `otherwise`.
template <class Isa, class Result, class Action> Result with_format(ggml_type type, Result otherwise, Action action) {
    switch (type) {
        case GGML_TYPE_Q8_0:   return action(Format<Isa, Q8_0<Isa::SIGNED_BYTES>, Q8_0<true>>{});
        case GGML_TYPE_Q4_0:   return action(Format<Isa, Q4_0>{});
        case GGML_TYPE_Q5_0:   return action(Format<Isa, Q5_0>{});
        case GGML_TYPE_Q5_1:   return action(Format<Isa, Q5_1>{});
        case GGML_TYPE_IQ4_NL: return action(Format<Isa, IQ4_NL<Isa::SIGNED_BYTES>, IQ4_NL<true>>{});
        case GGML_TYPE_Q4_K:   return action(Format<Isa, Q4_K>{});
        case GGML_TYPE_Q5_K:   return action(Format<Isa, Q5_K>{});
        case GGML_TYPE_Q6_K:   return action(Format<Isa, Q6_K>{});
        default:               return otherwise;
    }
}

template <class Isa> struct Table {
    static int64_t tile_columns(ggml_type type, int64_t total) {
        return with_format<Isa>(type, int64_t{0}, [&](auto format) { return format.tile_columns(total); });
    }

    // One column is bound by memory, and the CPU backend is as fast without repacking, but for Q4_0 (measured with AVX2 for
    // Q8_0, Q4_0, Q4_K and Q6_K).
    static int64_t least_columns(ggml_type type) {
        return tile_columns(type, 1) == 0 ? 0 : type == GGML_TYPE_Q4_0 ? 1 : 2;
    }

    static size_t columns_bytes(ggml_type, int64_t length, int64_t count) { return tile_bytes(length, count); }

    static void quantize(ggml_type type, const float * const * sources, int64_t length, int64_t first, int64_t count,
            int64_t total, void * columns) {
        with_format<Isa>(type, 0, [&](auto format) {
            format.quantize(sources, length, first, count, total, columns);
            return 0;
        });
    }

    static size_t scratch_bytes(const llamapanama::kernels::Product & product) {
        return with_format<Isa>(product.type, size_t{0},
            [&](auto format) { return format.scratch_bytes(product.column_count); });
    }

    static void multiply(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        with_format<Isa>(product.type, 0, [&](auto format) {
            format.multiply(product, first_row, last_row, scratch);
            return 0;
        });
    }

    static constexpr llamapanama::kernels::Kernels kernels(const char * name) {
        return {name, least_columns, columns_bytes, tile_columns, quantize, scratch_bytes, multiply};
    }
};

} // namespace
