// From how many columns on products are computed here and not by the CPU backend.
#pragma once

#include "ggml.h"

#include <cstdint>

namespace llamapanama::kernels {

// Products differ in what it costs to begin one, beside what it costs to compute it.
enum Shape : int32_t {
    SMALL,   // MUL_MAT with less than SMALL_BYTES of weights
    LARGE,   // MUL_MAT with more
    EXPERTS, // MUL_MAT_ID; its columns are those of an expert, on average
};
constexpr int32_t SHAPES = 3;
constexpr size_t SMALL_BYTES = 1 << 20;

// One column of a small matrix is not worth it: as fast by itself, but in a model of small matrices generation was up to 7 % slower
// (Q4_0), as the CPU backend computes more on both sides of it.
constexpr int32_t LEAST_SMALL = 2;

// A threshold that no product reaches.
constexpr int32_t NEVER = INT32_MAX;

// Of a product; NEVER where there are no kernels for its weights. Any thread.
int32_t least_columns(const ggml_tensor * product);

// Of a weight type and shape; a default until it is set. Any thread. To be set before weights of the type are placed: NEVER leaves
// them to the CPU backend, which may repack them.
int32_t least_columns(ggml_type type, Shape shape);
void set_least_columns(ggml_type type, Shape shape, int32_t columns);

} // namespace llamapanama::kernels
