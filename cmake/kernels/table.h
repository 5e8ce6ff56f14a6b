// Makes the table of functions of an instruction set from the templates.
#pragma once

#include "attention_kernel.h"
#include "float_kernel.h"
#include "micro_kernel.h"

namespace {

// Calls `action` with the format of a type, or returns `otherwise`: all types, for an instruction set.
template <class Isa> struct AllTypes {
    static constexpr int64_t LEAST_F16_COLUMNS = Isa::LEAST_F16_COLUMNS;
    static constexpr bool ATTENTION = true;
    using Vectors = Isa;

    template <class Result, class Action> static Result with_format(ggml_type type, Result otherwise, Action action) {
        switch (type) {
            case GGML_TYPE_Q8_0:   return action(Format<Isa, Q8_0<Isa::SIGNED_BYTES>, Q8_0<true>>{});
            case GGML_TYPE_Q4_0:   return action(Format<Isa, Q4_0>{});
            case GGML_TYPE_Q5_0:   return action(Format<Isa, Q5_0>{});
            case GGML_TYPE_Q5_1:   return action(Format<Isa, Q5_1>{});
            case GGML_TYPE_IQ4_NL: return action(Format<Isa, IQ4_NL<Isa::SIGNED_BYTES>, IQ4_NL<true>>{});
            case GGML_TYPE_Q4_K:   return action(Format<Isa, Q4_K>{});
            case GGML_TYPE_Q5_K:   return action(Format<Isa, Q5_K>{});
            case GGML_TYPE_Q6_K:   return action(Format<Isa, Q6_K>{});
            case GGML_TYPE_F16:    return action(FloatFormat<Isa, F16, F16>{});
            case GGML_TYPE_BF16:   return action(FloatFormat<Isa, BF16, BF16>{});
            default:               return otherwise;
        }
    }
};

// BF16 alone, for instruction sets with a dot product of pairs.
template <class Isa> struct Bf16Only {
    static constexpr int64_t LEAST_F16_COLUMNS = 0;
    static constexpr bool ATTENTION = false;
    using Vectors = Isa;

    template <class Result, class Action> static Result with_format(ggml_type type, Result otherwise, Action action) {
        return type == GGML_TYPE_BF16 ? action(FloatFormat<Isa, Bf16Pairs, BF16>{}) : otherwise;
    }
};

template <class Types> struct Table {
    static int64_t tile_columns(ggml_type type, int64_t total) {
        return Types::with_format(type, int64_t{0}, [&](auto format) { return format.tile_columns(total); });
    }

    // One column is bound by memory, which the CPU backend does not ask for ahead: with AVX2 and 2 cores it takes 1.2 to 1.5 times as
    // long as these loops for Q8_0, Q4_0 and K-quants; it is as fast for BF16, and as fast or faster for the others. Q4_0 is slow
    // there without repacking.
    static int64_t least_columns(ggml_type type, bool few_cores) {
        if (tile_columns(type, 1) == 0) {
            return 0;
        }
        switch (type) {
            case GGML_TYPE_F16:
                return Types::LEAST_F16_COLUMNS;
            case GGML_TYPE_Q4_0:
                return 1;
            case GGML_TYPE_Q8_0:
            case GGML_TYPE_Q4_K:
            case GGML_TYPE_Q5_K:
            case GGML_TYPE_Q6_K:
                return few_cores && Types::Vectors::ONE_COLUMN ? 1 : 2;
            default:
                return 2;
        }
    }

    static size_t columns_bytes(ggml_type type, int64_t length, int64_t count) {
        return Types::with_format(type, size_t{0}, [&](auto format) { return format.columns_bytes(length, count); });
    }

    static void lay_out(ggml_type type, const float * const * sources, int64_t length, int64_t first, int64_t count,
            int64_t total, void * columns) {
        Types::with_format(type, 0, [&](auto format) {
            format.lay_out(sources, length, first, count, total, columns);
            return 0;
        });
    }

    static size_t scratch_bytes(const llamapanama::kernels::Product & product) {
        return Types::with_format(product.type, size_t{0},
            [&](auto format) { return format.scratch_bytes(product.column_count); });
    }

    static void multiply(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        Types::with_format(product.type, 0, [&](auto format) {
            format.multiply(product, first_row, last_row, scratch);
            return 0;
        });
    }

    static constexpr llamapanama::kernels::Kernels kernels(const char * name) {
        if constexpr (Types::ATTENTION) {
            using Attention = AttentionKernel<typename Types::Vectors>;
            return {name, least_columns, columns_bytes, tile_columns, lay_out, scratch_bytes, multiply, attends,
                Attention::scratch_bytes, Attention::attend, visible_cells, union_size};
        } else {
            return {name, least_columns, columns_bytes, tile_columns, lay_out, scratch_bytes, multiply, nullptr, nullptr,
                nullptr, nullptr, nullptr};
        }
    }
};

} // namespace
